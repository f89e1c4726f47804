// Serves the console's files as the gateway does: the same content security policy, index.html for a
// page's address, gzip.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { createGzip } from 'node:zlib';

const [, , folder, port] = process.argv;
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

createServer((request, response) => {
  const path = normalize(new URL(request.url, 'http://here').pathname);
  let file = join(folder, path);
  if (path === '/' || !existsSync(file) || !statSync(file).isFile()) {
    if (extname(path) !== '') return response.writeHead(404).end();
    file = join(folder, 'index.html');
  }
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': policy,
    'content-encoding': 'gzip',
    'cache-control': 'no-store',
  });
  createReadStream(file).pipe(createGzip()).pipe(response);
}).listen(Number(port), '127.0.0.1');

#!/usr/bin/env node
// The OpenID provider of tools/run and of the tests: a real one (npm oidc-provider), with people to
// choose from and no passwords. It listens on the loopback address only, keeps nothing, and refuses
// to start where NODE_ENV says production; the gateway refuses it there as well.
//
//   provider.mjs [--port N] [--port-file FILE] [--keys FILE]
//
// With --keys the signing key is kept in FILE, so that a restart is no rotation.
import {createServer} from 'node:http';
import {existsSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {generateKeyPairSync, randomBytes} from 'node:crypto';
import {parseArgs} from 'node:util';
import {URLSearchParams} from 'node:url';
import Provider from 'oidc-provider';

if (process.env.NODE_ENV === 'production') {
  console.error('The development provider is refused in production.');
  process.exit(2);
}
const {values: flags} = parseArgs({options: {
  'port': {type: 'string', default: '0'},
  'port-file': {type: 'string'},
  'keys': {type: 'string'},
}});

// Who can be chosen. `subject` is the person's own workforce record, where they have one.
const people = {
  'nurse': {name: 'Nia Evans', label: 'OH nurse', roles: ['Nurse'],
    subject: '0190a000-0000-7000-8000-0000000000aa'},
  'physician': {name: 'Dr Sam Okafor', label: 'OH physician', roles: ['Physician']},
  'lead': {name: 'Priya Shah', label: 'OH lead and clinical lead', roles: ['Lead', 'ClinicalLead']},
  // Of an organisation of her own: what she sees is what was referred to it.
  'clinician': {name: 'Dr Ruth Adeyemi', label: 'NHS clinician, City Hospital', roles: ['NhsClinician'],
    tenant: 'city-hospital'},
  'manager': {name: 'Insp Tom Hughes', label: 'Line manager', roles: ['Manager', 'Reporter'],
    subject: '0190a000-0000-7000-8000-0000000000cc'},
  'hr': {name: 'Alex Kowalski', label: 'HR engineer', roles: ['HrEngineer']},
  'auditor': {name: 'Morgan Lee', label: 'Auditor', roles: ['Auditor', 'Analyst']},
  'officer': {name: 'PC Jamie Reid', label: 'Officer', roles: ['Officer'],
    subject: '0190a000-0000-7000-8000-0000000000bb'},
  'operator': {name: 'Robin Clarke', label: 'Operator', roles: ['Operator']},
  // For tests of what is refused.
  'both': {name: 'Nurse And Officer', roles: ['Nurse', 'Officer'], hidden: true},
  'weak': {name: 'Weak Assurance', roles: ['Nurse'], aal: 1, hidden: true},
  'stranger': {name: 'Another Force', roles: ['Nurse'], tenant: 'elsewhere', hidden: true},
  'nobody': {name: 'No Role', roles: [], hidden: true},
};

function newKey() {
  const {privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
  return {...privateKey.export({format: 'jwk'}), use: 'sig', alg: 'ES256',
    kid: randomBytes(8).toString('hex')};
}
let key;
if (flags.keys && existsSync(flags.keys)) {
  key = JSON.parse(readFileSync(flags.keys, 'utf8'));
} else {
  key = newKey();
  if (flags.keys) writeFileSync(flags.keys, JSON.stringify(key), {mode: 0o600});
}

const server = createServer();
await new Promise((listening) => server.listen(Number(flags.port), '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'waymark-console',
    client_secret: 'development-only',
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: 'ES256',
    redirect_uris: ['https://localhost/auth/callback'],
    post_logout_redirect_uris: ['https://localhost/'],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  jwks: {keys: [key]},
  cookies: {keys: [randomBytes(16).toString('hex')]},
  scopes: ['openid', 'profile', 'waymark'],
  claims: {
    openid: ['sub'],
    profile: ['name'],
    waymark: ['force', 'app_roles', 'subject_id', 'id_assurance_level',
      'authentication_assurance_level'],
  },
  conformIdTokenClaims: false,  // claims in the ID token, as Entra ID has them
  features: {devInteractions: {enabled: false}},
  pkce: {required: () => true, methods: ['S256']},
  ttl: {AuthorizationCode: 60, IdToken: 300, AccessToken: 300, Interaction: 600, Session: 36000,
    Grant: 36000},
  interactions: {url: (ctx, interaction) => `/choose/${interaction.uid}`},
  async findAccount(ctx, id) {
    const person = people[id];
    if (!person) return undefined;
    return {accountId: id, claims: async () => ({
      sub: id,
      name: person.name,
      force: person.tenant ?? 'demo-force',
      app_roles: person.roles,
      subject_id: person.subject,
      id_assurance_level: '3',
      authentication_assurance_level: String(person.aal ?? 3),
    })};
  },
  // Nobody is asked for consent: there is nobody here whose consent it would be.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId});
    grant.addOIDCScope('openid profile waymark');
    await grant.save();
    return grant;
  },
});
// The gateway's port varies; its name does not.
const isLocal = (uri) => ['localhost', '127.0.0.1'].includes(new URL(uri).hostname);
provider.Client.prototype.redirectUriAllowed = isLocal;
provider.Client.prototype.postLogoutRedirectUriAllowed = isLocal;

const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (uid) => `<!doctype html><html lang="en-GB"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Choose who you are</title>
<h1>Choose who you are</h1><p>Development only: nobody is asked for a password.</p>
<form method="post" action="/choose/${uid}"><ul>
${Object.entries(people).filter(([, p]) => !p.hidden).map(([id, p]) =>
    `<li><button name="person" value="${id}">${escape(p.name)}, ${escape(p.label)}</button></li>`)
    .join('\n')}
</ul></form></html>`;

async function body(request) {
  let text = '';
  for await (const piece of request) {
    text += piece;
    if (text.length > 4096) throw new Error('too large');
  }
  return new URLSearchParams(text);
}

const standard = provider.callback();
server.on('request', async (request, response) => {
  const choose = /^\/choose\/([\w-]+)$/.exec(new URL(request.url, issuer).pathname);
  if (!choose) return standard(request, response);
  try {
    if (request.method === 'POST') {
      const person = (await body(request)).get('person');
      if (!Object.hasOwn(people, person)) throw new Error('unknown person');
      await provider.interactionFinished(request, response, {login: {accountId: person}},
          {mergeWithLastSubmission: false});
    } else {
      await provider.interactionDetails(request, response);
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(page(choose[1]));
    }
  } catch (error) {
    response.statusCode = 400;
    response.end(`${error.message}\n`);
  }
});

if (flags['port-file']) {
  writeFileSync(`${flags['port-file']}.new`, `${server.address().port}\n`);
  renameSync(`${flags['port-file']}.new`, flags['port-file']);
}
console.log(`development provider at ${issuer}`);
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));

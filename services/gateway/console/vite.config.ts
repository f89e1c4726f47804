import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// Parts of the design system that no page uses: an eighth of the first load, together. Whoever uses one
// takes it out of this list; the build says so.
const kUnused = [
  'action-link', 'breadcrumb', 'card', 'character-count', 'code', 'contents-list', 'do-dont-list', 'expander', 'file-upload', 'footer', 'hero', 'image',
  'pagination', 'scroll', 'search-input', 'tabs', 'task-list', 'u-font', 'u-margin', 'u-padding', 'u-static', 'u-width', 'warning-callout',
];
const unused = new RegExp(`nhsuk-(${kUnused.join('|')})`);
// Search fields and sorted tables, of which there are none, have icons that nobody serves.
const withIcons = /search-cancel-button|table__header\[(data|aria)-sort/;

const withoutWhatIsNotUsed = {
  name: 'without-what-is-not-used',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    const used = id.includes('/console/src/') && code.match(unused);
    if (used) throw new Error(`${id} uses ${used[0]}: take it out of kUnused in vite.config.ts`);
    if (!id.endsWith('nhsuk-frontend.min.css')) return null;
    return (
      code
        // The NHS font may be used on NHS.UK only, and would be loaded from another host.
        .replace(/@font-face\{[^}]*\}/g, '')
        .replaceAll('Frutiger W01,', '')
        // For Internet Explorer; not CSS to anything else.
        .replace(/@media screen\\0[^{}]*\{(?:[^{}]*\{[^{}]*\})*\}/g, '')
        // A rule goes when every one of its selectors is about something that is not there.
        .replace(/([^{}]+)\{[^{}]*\}/g, (rule, selectors: string) =>
          !/@|\([^)]*,/.test(selectors) && selectors.split(',').every((one) => unused.test(one) || withIcons.test(one)) ? '' : rule,
        )
    );
  },
};

export default defineConfig(({ mode }) => ({
  plugins: [withoutWhatIsNotUsed, react()],
  build: {
    outDir: mode === 'demo' ? '../../../build/console-demo' : 'dist',
    emptyOutDir: true,
    // A content security policy without inline anything refuses data: scripts, fonts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    rollupOptions: {
      output: {
        // The words of every field are large, and the first page has no form: nothing that it needs may share
        // their file.
        manualChunks: (id) => (/\/src\/words\/fields/.test(id) ? 'fields' : /\/src\/words\/(en|words)\./.test(id) ? 'words' : undefined),
      },
    },
  },
  // The tests hold the words and the acts to the protocols beside us.
  server: { fs: { allow: ['../..'] } },
  test: { include: ['src/**/*.test.ts'] },
}));

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The NHS font may be used on NHS.UK only, and would be loaded from another host.
const withoutFontsFromElsewhere = {
  name: 'without-fonts-from-elsewhere',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    if (!id.endsWith('nhsuk-frontend.min.css')) return null;
    return code.replace(/@font-face\{[^}]*\}/g, '').replaceAll('Frutiger W01,', '');
  },
};

export default defineConfig(({ mode }) => ({
  plugins: [withoutFontsFromElsewhere, react()],
  build: {
    outDir: mode === 'demo' ? '../../../build/console-demo' : 'dist',
    emptyOutDir: true,
    // A content security policy without inline anything refuses data: scripts, fonts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
  },
  // The tests hold the words and the acts to the protocols beside us.
  server: { fs: { allow: ['../..'] } },
  test: { include: ['src/**/*.test.ts'] },
}));

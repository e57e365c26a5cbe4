import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The API that `vite` (./run --dev) stands in front of.
const server = process.env.EVERYCAST_SERVER ?? 'http://127.0.0.1:8000';
const toServer = { target: server, changeOrigin: false, ws: true };

export default defineConfig({
  plugins: [react()],
  // Licences are given all together: embed.mjs.
  esbuild: { legalComments: 'none' },
  resolve: {
    alias: [
      { find: /^@player\//, replacement: fileURLToPath(new URL('./player/src/', import.meta.url)) },
      { find: /^@\//, replacement: fileURLToPath(new URL('./src/', import.meta.url)) },
      // The player's modules name the libraries that stand beside them where they are served as they are.
      { find: /^\.\/packages\.js$/, replacement: fileURLToPath(new URL('./src/features/watch/packages.ts', import.meta.url)) },
    ],
  },
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    // Everything is a file of its own: the content security policy takes no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: false,
    // What is too much is said by budget.mjs, page by page; it reads the manifest.
    manifest: true,
    chunkSizeWarningLimit: 4096,
  },
  server: {
    proxy: Object.fromEntries(['/api/', '/live/', '/vod/', '/watch/', '/embed/', '^/player/[0-9a-f]{16}/', '/healthz', '/readyz'].map((path) => [path, toServer])),
  },
  test: {
    // A browser's stand-in takes seconds to set up: only what renders gets one.
    projects: [
      { extends: true, test: { name: 'logic', environment: 'node', include: ['src/**/*.test.ts'] } },
      { extends: true, test: { name: 'components', environment: 'jsdom', include: ['src/**/*.test.tsx'], setupFiles: ['src/test/setup.ts'] } },
    ],
  },
});

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The one-file ES module which the Jupyter server hands to any page. */
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: fileURLToPath(new URL('../wslink_jupyter/static', import.meta.url)),
    emptyOutDir: true,
    minify: true,
    sourcemap: false,
    lib: {
      entry: fileURLToPath(new URL('./src/client.ts', import.meta.url)),
      formats: ['es'],
      fileName: () => 'client.js'
    },
    // Of a library, `build.minify` leaves the white space.
    rollupOptions: { output: { codeSplitting: false, minify: true } }
  }
});

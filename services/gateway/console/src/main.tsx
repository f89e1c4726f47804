import 'nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.css';
import './console.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { loadSession } from './api/session';

async function start() {
  if (import.meta.env.MODE === 'demo') await (await import('./demo/demo')).start();
  document.body.classList.add('js-enabled', 'nhsuk-frontend-supported');
  createRoot(document.getElementById('console')!).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
  await loadSession();
}

void start();

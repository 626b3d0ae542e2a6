/** @file Mounts the application; nothing else runs at import. */
import { mount } from 'svelte';
import { z } from 'zod';
import App from './App.svelte';
import './app.css';

// The content security policy forbids compiling validators with `new Function`.
z.config({ jitless: true });

mount(App, { target: document.getElementById('app')! });

/** What preload exposes in Electron; absent in a browser. */
interface Window {
  readonly credence?: {
    /** Resolves to `{ output }` or `{ error: ErrorReport }`, as over the WebSocket: errors thrown across the bridge would lose their code. */
    call(procedure: string, input: unknown): Promise<unknown>;
    on(listener: (event: string, payload: unknown) => void): () => void;
  };
}

/** What preload exposes in Electron; absent in a browser. */
interface Window {
  readonly credence?: {
    call(procedure: string, input: unknown): Promise<unknown>;
    on(listener: (event: string, payload: unknown) => void): () => void;
  };
}

/** What a person is shown while something takes its time. */
import * as vscode from "vscode";

export function withProgress<T>(title: string, job: () => Thenable<T>): Thenable<T> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, job);
}

/** With a button that ends it. @returns `undefined` when the person pressed it */
export function withCancel<T>(
  title: string,
  job: (signal: AbortSignal) => Promise<T>,
): Thenable<T | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort());
    try {
      return await job(controller.signal);
    } catch (error) {
      if (controller.signal.aborted) return undefined;
      throw error;
    }
  });
}

/** A codicon; decoration, so what it means is said elsewhere. https://microsoft.github.io/vscode-codicons/ */
export function Icon({ name, spin = false }: { name: string; spin?: boolean }) {
  return <span class={`codicon codicon-${name}${spin ? " codicon-modifier-spin" : ""}`} aria-hidden="true" />;
}

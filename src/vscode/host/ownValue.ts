/** What `WorkspaceConfiguration.inspect` tells of one setting. */
export interface Inspected<T> {
  readonly defaultValue?: T;
  readonly globalValue?: T;
  readonly workspaceValue?: T;
  readonly workspaceFolderValue?: T;
}

/**
 * A setting without what a folder that is open says of it: keys go through the proxy, under the certificates,
 * that the person chose, whatever somebody put into a repository.
 * @param effective with everything, policies included
 */
export function ownValue<T>(effective: T | undefined, inspected: Inspected<T> | undefined): T | undefined {
  if (inspected === undefined) return effective;
  const { workspaceValue, workspaceFolderValue, globalValue, defaultValue } = inspected;
  if (workspaceValue === undefined && workspaceFolderValue === undefined) return effective;
  return globalValue ?? defaultValue;
}

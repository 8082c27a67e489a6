/** Replies that point elsewhere: nobody is followed there with a key. */

/** Where a redirect points: no query, no name and no password. @returns `undefined` where it does not say */
export function destination(location: string | undefined, from: string): string | undefined {
  const to = location === undefined ? null : URL.parse(location, from);
  return to === null ? undefined : `${to.protocol}//${to.host}${to.pathname}`.slice(0, 300);
}

/** For a person. @param from the host that was asked */
export function redirectMessage(from: string, to: string, status: number): string {
  return `${from} redirects to ${to} (${status}), where no request is sent. Check the account's base URL`;
}

/** Certificates for servers of the tests' own, made by openssl. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly keyFile: string;
  /** PEM: whoever is to trust it is given this. */
  readonly certFile: string;
}

/** Is there an openssl? */
export const openssl: boolean = (() => {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** A certificate that nobody trusts, good for two days. @param folder where it is left @param names host names and addresses */
export function makeCertificate(folder: string, ...names: readonly [string, ...string[]]): Certificate {
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" ");
  const alternatives = names.map((name) => `${/^[\d.]+$/.test(name) ? "IP" : "DNS"}:${name}`).join();
  const whose = ["-subj", `/CN=${names[0]}`, "-addext", `subjectAltName=${alternatives}`];
  execFileSync("openssl", [...made, "-keyout", keyFile, "-out", certFile, ...whose], { stdio: "ignore" });
  return { key: readFileSync(keyFile), cert: readFileSync(certFile), keyFile, certFile };
}

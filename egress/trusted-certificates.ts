import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle, or what is wrong with it, in words. Text around and between them is ignored. */
export function parseCertificates(
  bundle: string,
): { ok: true; certificates: readonly string[] } | { ok: false; problem: string } {
  const certificates = bundle.match(PEM_BLOCK) ?? [];
  if (certificates.length === 0) return { ok: false, problem: "holds no PEM certificate" };
  const malformed = certificates.findIndex((it) => !isCertificate(it));
  if (malformed !== -1) return { ok: false, problem: `certificate ${malformed + 1} in it is malformed` };
  return { ok: true, certificates };
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/**
 * Whom to believe about the names of receivers. Without additions that is left to Node.js, which reads
 * `NODE_EXTRA_CA_CERTS` too; a list replaces both, so it begins with the public roots.
 */
export function trustedAuthorities(additional: readonly string[]): string[] | undefined {
  return additional.length === 0 ? undefined : [...rootCertificates, ...additional];
}

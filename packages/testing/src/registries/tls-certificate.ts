import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate for 127.0.0.1 that vouches for itself, and its key: PEM files of this name in a directory. */
export async function writeCertificate(
  directory: string,
  name: string,
): Promise<{ certificate: string; key: string }> {
  const [certificate, key] = [join(directory, `${name}.pem`), join(directory, `${name}-key.pem`)];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=registry', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    ...kind,
    '-keyout',
    key,
    '-out',
    certificate,
    ...subject,
  ]);
  return { certificate, key };
}

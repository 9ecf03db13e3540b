/** What to do about a sandbox that bubblewrap could not make, by its reason; `isRoot`: it was started as root. */
export function refusalHint(reason: string, isRoot: boolean): string {
  // A container hides parts of /proc, and whoever is not root outside of it may then mount none.
  if (/mount proc/.test(reason)) {
    return (
      'have the container show all of /proc: docker run --security-opt systempaths=unconfined, ' +
      'podman run --security-opt unmask=ALL, Kubernetes procMount: Unmasked'
    );
  }
  if (/ENOSPC|max_\w+_namespaces/.test(reason)) {
    return 'allow more namespaces: sysctl user.max_user_namespaces=10000, and likewise the others below user.max_*';
  }
  if (/SECCOMP/.test(reason)) return 'run a kernel that filters system calls: CONFIG_SECCOMP_FILTER';
  const profiles = '--security-opt seccomp=unconfined --security-opt apparmor=unconfined';
  return isRoot
    ? `allow mounts in the container: docker run --cap-add SYS_ADMIN ${profiles}; or run Bunny as an ordinary user`
    : `allow user namespaces: in a container docker run ${profiles}, elsewhere sysctl kernel.unprivileged_userns_clone=1; ` +
        'or choose another sandbox: BUNNY_SANDBOX=podman';
}

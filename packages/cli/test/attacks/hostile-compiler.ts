import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import type { Place } from './attack.js';

/**
 * What a cloned repository has run in the place of the compiler: a program without libraries, as the root file system
 * need not have any. Its first word says what it does; everything is bounded, should nobody stop it.
 */
const source = String.raw`
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void made(const char *how) { printf("MADE a user namespace by %s\n", how); }

/* By clone: the child ends at once. */
static void child(const char *how, long pid) {
  if (pid == 0) _exit(0);
  if (pid > 0) { made(how); waitpid(pid, 0, 0); }
}

static long by_int80(long number, long argument) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(argument), "c"(0), "d"(0), "S"(0), "D"(0) : "memory");
  return (int)result;
}

static void namespaces(void) {
  struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } arguments = {
      .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
  child("clone", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
  child("clone3", syscall(435, &arguments, sizeof arguments));
  child("clone of i386", by_int80(120, CLONE_NEWUSER | SIGCHLD));
  child("clone of x32", syscall(0x40000000 | 56, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
  if (by_int80(310, CLONE_NEWUSER) == 0) made("unshare of i386");
  if (syscall(0x40000000 | 272, CLONE_NEWUSER) == 0) made("unshare of x32");
  if (unshare(CLONE_NEWUSER) == 0) made("unshare");
}

static void print(const char *path) {
  char text[65536];
  int file = open(path, O_RDONLY);
  long length = file < 0 ? 0 : read(file, text, sizeof text);
  for (long at = 0; at < length; at++) if (text[at] == 0) text[at] = ' ';
  if (length > 0) { printf("%s: ", path); fwrite(text, 1, length, stdout); puts(""); }
  if (file >= 0) close(file);
}

static void look(void) {
  for (int file = 3; file < 4096; file++) if (fcntl(file, F_GETFD) >= 0) printf("OPEN %d\n", file);
  print("/proc/1/environ");
  print("/proc/1/cmdline");
  print("/proc/1/status");
  printf("IDS %d %d %d %d %d\n", getuid(), geteuid(), getgid(), getegid(), getgroups(0, 0));
  const char *files[] = { "/proc/1/exe", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
                          "/proc/sysrq-trigger", "/dev/kmsg", "/dev/mem", "/src/Bunnyfile", "/plan/build.ninja" };
  for (unsigned n = 0; n < sizeof files / sizeof *files; n++) {
    int file = open(files[n], O_WRONLY);
    if (file >= 0) printf("WRITABLE %s\n", files[n]);
  }
  const char *directories[] = { "/", "/dev", "/src", "/plan", "/closure", "/usr", "/etc" };
  for (unsigned n = 0; n < sizeof directories / sizeof *directories; n++) {
    char path[100];
    snprintf(path, sizeof path, "%s/written", directories[n]);
    if (open(path, O_WRONLY | O_CREAT, 0666) >= 0) printf("WRITABLE %s\n", directories[n]);
  }
  if (chmod("/proc/1/exe", 06755) == 0) puts("CHANGED /proc/1/exe");
  if (syscall(SYS_keyctl, 0, -3, 0) >= 0) puts("KEYS of the caller");
  int file = open("/work/left", O_WRONLY | O_CREAT, 0777);
  if (file < 0 || fchmod(file, 06777) != 0 || fchown(file, 0, 0) == 0) puts("LEFT something else");
  namespaces();
}

/* All of these end by themselves, should they not be ended. */
static void wait_for_the_end(void) { alarm(30); for (;;) pause(); }

static void memory(void) {
  for (int n = 0; n < 300; n++) {
    char *piece = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece != MAP_FAILED) memset(piece, n, 1 << 20);
  }
}
static void processes(void) {
  for (int n = 0; n < 300; n++) if (fork() == 0) wait_for_the_end();
}
static void fill(const char *path) {
  static char piece[1 << 20];
  int file = open(path, O_WRONLY | O_CREAT, 0666);
  for (int n = 0; n < 100; n++) if (write(file, piece, sizeof piece) <= 0) break;
}
static void files(void) {
  for (int n = 0; n < 20000; n++) {
    char path[100];
    snprintf(path, sizeof path, "/work/%d", n);
    close(open(path, O_WRONLY | O_CREAT, 0666));
  }
}
/* Nobody finds in a directory what was removed from it, nor what is in one that may not be read. */
static void hidden(void) {
  static char piece[1 << 20];
  int file = open("/work/removed", O_WRONLY | O_CREAT, 0666);
  unlink("/work/removed");
  for (int n = 0; n < 300; n++) if (write(file, piece, sizeof piece) <= 0) break;
}

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "";
  if (!strcmp(what, "look")) { look(); fflush(stdout); return 1; }
  if (!strcmp(what, "memory")) memory();
  if (!strcmp(what, "processes")) processes();
  if (!strcmp(what, "disk")) fill("/work/large");
  if (!strcmp(what, "files")) files();
  if (!strcmp(what, "hidden")) hidden();
  if (!strcmp(what, "tmp")) fill("/tmp/large");
  if (!strcmp(what, "shm")) fill("/dev/shm/large");
  if (!strcmp(what, "file-size")) { fill("/work/large"); return 1; }
  wait_for_the_end();
}
`;

let made: Promise<string> | undefined;

/** Path of that program, compiled once. */
function hostileProgram(): Promise<string> {
  made ??= temporaryDirectory('hostile').then((directory) => {
    const program = join(directory, 'program');
    execFileSync('gcc', ['-static', '-O1', '-w', '-x', 'c', '-', '-o', program], { input: source });
    return program;
  });
  return made;
}

/** Makes the project a repository whose flags run that program, to do `what`, in the place of the compiler. */
export async function hostileCompiler({ account, project, write }: Place, what: string): Promise<void> {
  await write({
    Bunnyfile: [
      'version: v0.1',
      'name: hostile',
      'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
      `app: { flags: [-wrapper, '/src/compiler,${what}'] }`,
      'dependencies: { libc: ^1.0 }',
      '',
    ].join('\n'),
    'src/main.c': 'int main(void) { return 0; }\n',
  });
  await account.copy(await hostileProgram(), join(project, 'compiler'));
}

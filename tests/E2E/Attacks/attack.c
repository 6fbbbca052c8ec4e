// What a hostile program inside a container would try. Each word on the command line is one attack; what came of it is printed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void tell(const char *what, long result) { printf("%s %s\n", what, result < 0 ? strerrorname_np(errno) : "ok"); }

// Opens a file for writing, emptying it, by the descriptor that an earlier program left open on it.
static int overwrite(const char *descriptor) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%s", descriptor);
  int fd = -1;
  for (int i = 0; i < 100 && fd < 0; i++) { // ETXTBSY as long as somebody runs it
    fd = open(path, O_WRONLY | O_TRUNC);
    if (fd < 0 && errno != ETXTBSY) break;
    if (fd < 0) usleep(10000);
  }
  tell("overwrite", fd);
  return 0;
}

// System calls that need no capability, so that only the filter stands in their way; and some that need one.
static int calls(void) {
  pid_t child = fork();
  if (child == 0) { tell("unshare-user", unshare(CLONE_NEWUSER)); fflush(stdout); _exit(0); }
  waitpid(child, NULL, 0);
  tell("keyctl", syscall(SYS_keyctl, 0, -3, 1));
  tell("add_key", syscall(SYS_add_key, "user", "k", "v", 1, -3));
  tell("userfaultfd", syscall(SYS_userfaultfd, 1));
  tell("io_uring", syscall(SYS_io_uring_setup, 1, (char[120]){0}));
  tell("perf_event", syscall(SYS_perf_event_open, (char[128]){0}, 0, -1, -1, 0));
  tell("mount", mount("none", "/tmp", "tmpfs", 0, NULL));
  tell("umount", umount("/proc"));
  tell("bpf", syscall(SYS_bpf, 0, (char[64]){0}, 64));
  tell("setns", setns(open("/proc/self/ns/net", O_RDONLY), 0));
  tell("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL));
  tell("settime", syscall(SYS_clock_settime, 0, (long[]){1, 0}));
  tell("module", syscall(SYS_init_module, "", 0, ""));
  tell("kexec", syscall(SYS_kexec_load, 0, 0, NULL, 0));
  tell("handle", syscall(SYS_open_by_handle_at, AT_FDCWD, (int[]){8, 1, 0, 0}, O_RDONLY));
  return 0;
}

// Looks for processes that run a program of the host, until the time is over, and for memory of theirs that can be written.
static int hunt(int seconds) {
  for (time_t end = time(NULL) + seconds; time(NULL) < end;) {
    DIR *all = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(all));) {
      char path[300], exe[300] = "";
      if (atoi(entry->d_name) < 2) continue;
      snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
      if (readlink(path, exe, sizeof exe - 1) <= 0 || strncmp(exe, "/bin/", 5) == 0 || strcmp(exe, "/attack") == 0) continue;
      printf("found %s\n", exe);
      snprintf(path, sizeof path, "/proc/%s/mem", entry->d_name);
      if (open(path, O_RDWR) >= 0) printf("writable %s\n", exe);
    }
    closedir(all);
  }
  puts("hunted");
  return 0;
}

static int descriptors(void) {
  DIR *all = opendir("/proc/self/fd");
  for (struct dirent *entry; (entry = readdir(all));)
    if (entry->d_name[0] != '.' && atoi(entry->d_name) > 2 && atoi(entry->d_name) != dirfd(all)) printf("leaked %s\n", entry->d_name);
  puts("listed");
  return 0;
}

static int bomb(int most) {
  int made = 0;
  while (made < most) {
    pid_t child = fork();
    if (child < 0) break;
    if (child == 0) { pause(); _exit(0); }
    made++;
  }
  printf("forked %d\n", made);
  return 0;
}

static int hog(long megabytes) {
  for (long i = 0; i < megabytes; i++) memset(malloc(1 << 20), 1, 1 << 20);
  puts("fed");
  return 0;
}

static int abstract(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path + 1, name, sizeof address.sun_path - 2);
  tell("connect", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof(sa_family_t) + 1 + strlen(name)));
  return 0;
}

// Processes that are in sight, as in the host's pid namespace, and not one's own.
static int trace(pid_t pid) {
  long word = 0;
  struct iovec to = {&word, sizeof word}, from = {&word, sizeof word};
  tell("attach", ptrace(PTRACE_SEIZE, pid, 0, 0));
  tell("read", process_vm_readv(pid, &to, 1, &from, 1, 0) < 0 && errno != EFAULT ? -1 : 0);
  tell("getfd", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, pid, 0), 0, 0));
  return 0;
}

// Which keyring the session has: its own, or the one that all processes of the user share. Kept for so many seconds.
static int keyring(int seconds) {
  long id = syscall(SYS_keyctl, 0, -3, 0); // KEYCTL_GET_KEYRING_ID
  if (id < 0) return tell("keyring", id), 0;
  printf("keyring %ld\n", id);
  sleep(seconds);
  return 0;
}

static struct sockaddr_in at(const char *address, const char *port) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  inet_pton(AF_INET, address, &name.sin_addr);
  return name;
}

static int serve(const char *port) {
  struct sockaddr_in name = at("0.0.0.0", port);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (void *)&name, sizeof name) < 0 || listen(listener, 64) < 0) return tell("serve", -1), 1;
  puts("serving");
  for (;;) close(accept(listener, NULL, NULL));
}

// Tries all addresses at once, so that those whose packets are dropped are waited for once.
static int reach(const char *port, int count, char **addresses) {
  struct pollfd tries[64];
  for (int i = 0; i < count; i++) {
    struct sockaddr_in name = at(addresses[i], port);
    tries[i] = (struct pollfd){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), .events = POLLOUT};
    connect(tries[i].fd, (void *)&name, sizeof name);
  }
  for (int i = 0; i < count; i++) {
    int error = ETIMEDOUT;
    if (poll(&tries[i], 1, i == 0 ? 1500 : 0) > 0) getsockopt(tries[i].fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    printf("%s %s\n", addresses[i], error ? strerrorname_np(error) : "ok");
  }
  return 0;
}

// Exchanges two names for ever: whoever looks a path up twice sees two different things.
static int swap(const char *one, const char *two) {
  puts("swapping");
  fflush(stdout);
  while (renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE) == 0) {}
  tell("swap", -1);
  return 1;
}

int main(int count, char **words) {
  const char *attack = count > 1 ? words[1] : "", *first = count > 2 ? words[2] : "0";
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (!strcmp(attack, "overwrite")) return overwrite(first);
  if (!strcmp(attack, "calls")) return calls();
  if (!strcmp(attack, "hunt")) return hunt(atoi(first));
  if (!strcmp(attack, "descriptors")) return descriptors();
  if (!strcmp(attack, "bomb")) return bomb(atoi(first));
  if (!strcmp(attack, "hog")) return hog(atol(first));
  if (!strcmp(attack, "abstract")) return abstract(first);
  if (!strcmp(attack, "trace")) return trace(atoi(first));
  if (!strcmp(attack, "keyring")) return keyring(atoi(first));
  if (!strcmp(attack, "serve")) return serve(first);
  if (!strcmp(attack, "reach")) return reach(first, count - 3, words + 3);
  if (!strcmp(attack, "swap")) return swap(first, words[3]);
  if (!strcmp(attack, "write")) return tell("write", open(first, O_WRONLY)), 0;
  if (!strcmp(attack, "euid")) return printf("euid %d\n", geteuid()), 0;
  return 2;
}

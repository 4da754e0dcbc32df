/* SPDX-License-Identifier: BSD-2-Clause */
/* The C interface as a C program uses it. private_site.cxx says where the mail goes. */
#include "libmailqueue/mailqueue.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static int failures;

static void Expect(int good, const char *what) {
  if (good) return;
  printf("failed: %s (%s)\n", what, mailqueue_error());
  ++failures;
}

/* A message from the start. */
static int Message(const char *text) {
  int fds[2];
  if (pipe(fds) < 0 || write(fds[1], text, strlen(text)) < 0) abort();
  close(fds[1]);
  return fds[0];
}

static void TestSubmit(const char *drop) {
  static const char *const recipients[] = {"bob", "Carol <carol@example.net>"};
  char id[MAILQUEUE_ID_SIZE] = "";
  char path[4096];
  int fd = Message("Subject: t\n\nbody\n");
  Expect(mailqueue_submit("alice@example.org", recipients, 2, fd, 0, id) == EX_OK, "submits");
  close(fd);
  snprintf(path, sizeof path, "%s/%s", drop, id);
  Expect(strlen(id) == 16 && access(path, F_OK) == 0, "names the message");
  Expect(unlink(path) == 0, "leaves the message in drop/");
  Expect(strcmp(mailqueue_error(), "") == 0, "has no error after success");
}

static void TestFlags(const char *drop) {
  char id[MAILQUEUE_ID_SIZE];
  char path[4096];
  int fd = Message("To: bob\n\nbody\n.\n");
  Expect(mailqueue_submit(NULL, NULL, 0, fd, MAILQUEUE_HEADER_RECIPIENTS | MAILQUEUE_LONE_DOT, id) == EX_OK, "takes flags");
  close(fd);
  snprintf(path, sizeof path, "%s/%s", drop, id);
  Expect(unlink(path) == 0, "leaves the message in drop/");
}

static void TestRefusals(void) {
  static const char *const bad[] = {"bob@example.net\nRCPT TO:<evil@example.net>"};
  int fd = Message("Subject: t\n\n");
  Expect(mailqueue_submit("", NULL, 0, fd, 0, NULL) == EX_USAGE, "refuses no recipients");
  Expect(strstr(mailqueue_error(), "recipient") != NULL, "says why");
  Expect(mailqueue_submit("", NULL, 0, fd, 0x80, NULL) == EX_USAGE, "refuses unknown flags");
  Expect(mailqueue_submit("", bad, 1, fd, 0, NULL) == EX_DATAERR, "refuses a line feed in an address");
  static const char *const two[] = {"a@b.example, evil@x.example"};
  Expect(mailqueue_submit("", two, 1, fd, 0, NULL) == EX_DATAERR, "takes no list for an address");
  Expect(mailqueue_submit("", bad, 1, -1, 0, NULL) == EX_NOINPUT, "refuses a closed descriptor");
  close(fd);
}

int main(void) {
  char drop[] = "/tmp/mailqueue-library-XXXXXX";
  if (!mkdtemp(drop)) return 1;
  setenv("TEST_DROP", drop, 1);
  setenv("TEST_SOCKET", "/nonexistent", 1);
  setenv("TEST_DOMAIN", "d.example", 1);
  setenv("TEST_USER", "alice", 1);
  TestSubmit(drop);
  TestFlags(drop);
  TestRefusals();
  Expect(rmdir(drop) == 0, "leaves nothing else");
  return failures ? 1 : 0;
}

// A process whose output nobody reads goes on.
#include "app/terminal.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace voltage::app {
namespace {

// Runs `f` in a child whose standard output is `out`; the exit code, or minus the signal that ended it.
int in_child(int out, const std::function<bool()>& f) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGPIPE, SIG_DFL);
    ::dup2(out, 1);
    ::close(out);
    std::_Exit(f() ? 0 : 1);
  }
  ::close(out);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool tell_many(int lines) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < lines; ++i) tell(std::string(100, 'x'));
  tell_out();
  return std::chrono::steady_clock::now() - begin < std::chrono::seconds{20};
}

TEST(Tell, a_reader_that_is_gone_does_not_end_the_process) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::close(ends[0]);
  EXPECT_EQ(in_child(ends[1], [] { return tell_many(100); }), 0);
}

TEST(Tell, a_reader_that_does_not_read_holds_nobody_up) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQ(in_child(ends[1], [] { return tell_many(20'000); }), 0);
  ::close(ends[0]);
}

TEST(Tell, a_full_disk_behind_it_ends_nothing) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (full < 0) GTEST_SKIP() << "/dev/full is not there";
  EXPECT_EQ(in_child(full, [] { return tell_many(1'000); }), 0);
}

TEST(Tell, lines_arrive_whole_and_in_order) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQ(in_child(ends[1],
                     [] {
                       for (int i = 0; i < 50; ++i) tell(std::to_string(i));
                       tell_out();
                       return true;
                     }),
            0);
  std::string all(4096, '\0'), want;
  const auto got = ::read(ends[0], all.data(), all.size());
  ::close(ends[0]);
  for (int i = 0; i < 50; ++i) want += std::to_string(i) + "\n";
  ASSERT_GT(got, 0);
  EXPECT_EQ(all.substr(0, static_cast<std::size_t>(got)), want);
}

}  // namespace
}  // namespace voltage::app

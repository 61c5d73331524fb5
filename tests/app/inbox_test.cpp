// What waits for the core.
#include "app/live/inbox.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;

TEST(Inbox, gives_all_that_came_in_its_order) {
  Inbox<int> inbox{10, [] { FAIL(); }};
  std::vector<int> out{9};
  for (int i = 0; i < 10; ++i) inbox.push(i);
  inbox.take(out, 1_s);
  EXPECT_EQ(out, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  inbox.take(out, 1_ms);
  EXPECT_TRUE(out.empty());
}

TEST(Inbox, a_reader_that_hangs_is_ended_instead_of_filling_the_memory) {
  int ended = 0;
  Inbox<int> inbox{1'000, [&] { ++ended; }};
  for (int i = 0; i < 1'000; ++i) inbox.push(i);
  EXPECT_EQ(ended, 0);
  inbox.push(1'000);
  EXPECT_EQ(ended, 1);
}

TEST(Inbox, gives_back_the_room_that_a_late_moment_took) {
  Inbox<int> inbox{100'000, [] { FAIL(); }};
  std::vector<int> out;
  for (int i = 0; i < 50'000; ++i) inbox.push(i);
  inbox.take(out, 1_s);
  EXPECT_EQ(out.size(), 50'000U);
  inbox.take(out, 1_ms);
  EXPECT_LT(out.capacity(), 1'000U);
}

}  // namespace
}  // namespace voltage::app::live

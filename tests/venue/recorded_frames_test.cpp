// Frames that the real venues sent: every one decodes, and no field of one is unknown.
#include <gtest/gtest.h>

#include "support/venue_frames.hpp"

namespace voltage::venue {
namespace {

class RecordedFrames : public testing::Test {
 protected:
  void SetUp() override {
    if (data().empty()) GTEST_SKIP() << "VOLTAGE_TEST_DATA is not set";
  }
};

TEST_F(RecordedFrames, every_frame_decodes_without_an_unknown_field) {
  LineDecoder kalshi{LineFormat::kalshi, kalshi::NoPrices::no_axis};
  LineDecoder kraken{LineFormat::kraken, kalshi::NoPrices::no_axis};
  LineDecoder tape{LineFormat::tape, kalshi::NoPrices::no_axis};
  const auto samples = recorded();
  ASSERT_GT(samples.size(), 600U);
  for (const auto& sample : samples) {
    auto& decoder = sample.format == LineFormat::kalshi ? kalshi : sample.format == LineFormat::kraken ? kraken : tape;
    const auto line = decoder.decode(sample.line, 1);
    EXPECT_FALSE(line.error) << line.json << "\n" << sample.line;
    EXPECT_EQ(line.json.find("\"kind\":\"unknown\""), std::string::npos) << line.json;
  }
  EXPECT_EQ(kalshi.unknown_fields(), 0);
  EXPECT_EQ(kraken.unknown_fields(), 0);
  EXPECT_EQ(tape.unknown_fields(), 0);
}

}  // namespace
}  // namespace voltage::venue

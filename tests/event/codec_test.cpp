// Goal: what a journal holds is what happened, to the last bit, and what can't be read is refused by name.
#include "event/codec.hpp"

#include <gtest/gtest.h>

#include "event/random_messages.hpp"

namespace voltage::event {
namespace {

std::string bytes_of(const Payload& what) {
  std::string out;
  encode(what, out);
  return out;
}
std::string bytes_of(const Effect& fx) {
  std::string out;
  EffectCodec::encode(fx, out);
  return out;
}

std::string order_bytes(Rng& rng) {
  OrderTerms terms;
  testing::RandomFiller fill{rng};
  fill(terms);
  std::string out{static_cast<char>(kCodecVersion), '\0'};
  ByteWriter writer{out};
  writer(terms);
  return out;
}

TEST(Codec, gives_every_event_back) {
  Rng rng{1};
  for (int round = 0; round < 2000; ++round) {
    std::vector<Payload> all;
    testing::all_payloads(rng, all);
    for (const auto& what : all) {
      const std::string bytes = bytes_of(what);
      const auto back = decode_payload(bytes);
      ASSERT_TRUE(back) << back.error().message;
      ASSERT_EQ(back->index(), what.index());
      ASSERT_EQ(bytes_of(*back), bytes) << name(what);
    }
  }
}

TEST(Codec, gives_every_effect_back) {
  Rng rng{2};
  for (int round = 0; round < 2000; ++round) {
    std::vector<Effect> all;
    testing::all_effects(rng, all);
    for (const auto& fx : all) {
      const std::string bytes = bytes_of(fx);
      const auto back = EffectCodec::decode(bytes);
      ASSERT_TRUE(back) << back.error().message;
      ASSERT_EQ(bytes_of(*back), bytes) << name(fx);
    }
    const std::string order = order_bytes(rng);
    const auto back = EffectCodec::decode(order);
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(bytes_of(*back), order);
  }
}

TEST(Codec, keeps_the_bits_of_doubles) {
  for (const double d : {-0.0, 1e-310, 0.1, 1.7976931348623157e308}) {
    const auto back = decode_payload(bytes_of(Payload{SpotSeen{SpotVenue::kraken, Time{5}, d}}));
    ASSERT_TRUE(back);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(std::get<SpotSeen>(*back).price), std::bit_cast<std::uint64_t>(d));
  }
}

TEST(Codec, writes_every_nan_the_same) {
  const Payload plus = SpotSeen{SpotVenue::kraken, {}, std::nan("")},
                minus = SpotSeen{SpotVenue::kraken, {}, -std::nan("7")};
  EXPECT_EQ(bytes_of(plus), bytes_of(minus));
}

TEST(Codec, refuses_bytes_cut_anywhere_and_bytes_too_many) {
  Rng rng{3};
  std::vector<Payload> all;
  testing::all_payloads(rng, all);
  for (const auto& what : all) {
    const std::string bytes = bytes_of(what);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      EXPECT_FALSE(decode_payload(std::string_view{bytes}.substr(0, n))) << name(what) << " cut at " << n;
    }
    const auto longer = decode_payload(bytes + '\0');
    ASSERT_FALSE(longer);
    EXPECT_NE(longer.error().message.find(name(what)), std::string::npos);
  }
}

TEST(Codec, refuses_an_unknown_version_kind_and_enum_by_name) {
  std::string bytes = bytes_of(Payload{OperatorSaid{OperatorAction::kill, "x"}});
  std::string wrong = bytes;
  wrong[0] = 9;
  EXPECT_EQ(decode_payload(wrong).error().message, "event: version 9, this program reads " + std::to_string(kCodecVersion));
  wrong = bytes;
  wrong[1] = 77;
  EXPECT_EQ(decode_payload(wrong).error().message, "event: kind 77 is unknown here");
  wrong = bytes;
  wrong[2] = 5;
  EXPECT_EQ(decode_payload(wrong).error().message, "OperatorSaid: an enum value of 5, unknown here at byte 1");
}

TEST(Codec, survives_random_damage) {
  Rng rng{4};
  std::vector<Payload> all;
  testing::all_payloads(rng, all);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = bytes_of(all[rng.below(all.size())]);
    for (auto n = 1 + rng.below(3); n > 0; --n) bytes[rng.below(bytes.size())] = static_cast<char>(rng.below(256));
    const auto back = decode_payload(bytes);
    if (!back) continue;
    EXPECT_EQ(bytes_of(*back).size(), bytes.size());
  }
}

}  // namespace
}  // namespace voltage::event

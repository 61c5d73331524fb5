// A venue that changes its format overnight: every field that a decoder reads is renamed, given another type or
// left out in turn, and the watch names it. What really changes all the time (new fields, optional ones) is no
// alarm, on the virtual venues' frames and on recorded ones.
#include "venue/schema_watch.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "io/line_reader.hpp"
#include "venue/kalshi/decode.hpp"
#include "venue/kalshi/rest.hpp"
#include "venue/known_fields.hpp"
#include "venue/kraken/decode.hpp"
#include "venue/virtual/kalshi_api.hpp"
#include "venue/virtual/kalshi_session.hpp"
#include "venue/virtual/kraken_api.hpp"
#include "venue/virtual/reshape.hpp"

namespace voltage::venue {
namespace {

using namespace literals;
using ::testing::HasSubstr;
using virtual_kalshi::reshaped;
using virtual_kalshi::Reshaping;
namespace vk = virtual_kalshi;

enum class Api { kalshi_ws, kalshi_rest, kraken };

// One venue's decoders with a watch, as the feeds have them.
class Reader {
 public:
  explicit Reader(Api api) : api_{api} {
    if (api == Api::kraken)
      expect_kraken_fields(watch);
    else
      expect_kalshi_fields(watch);
    kalshi_.watch(watch);
    kraken_.watch(watch);
    counts_.schema = &watch;
  }
  void read(const std::string& text) {
    if (api_ == Api::kalshi_ws) {
      static_cast<void>(kalshi_.frame(text));
    } else if (api_ == Api::kraken) {
      static_cast<void>(kraken_.frame(text));
    } else if (const auto root = document_.parse(text)) {
      static_cast<void>(kalshi::decode_rest(*root, counts_));
    }
  }
  SchemaWatch watch;

 private:
  Api api_;
  kalshi::Decoder kalshi_{kalshi::NoPrices::yes_axis};
  kraken::Decoder kraken_;
  kalshi::Counts counts_;
  JsonDocument document_;
};

// Twenty minutes of a virtual Kalshi: every public channel, and what our own orders cause.
struct Kalshi {
  std::vector<std::string> frames, answers;
};
const Kalshi& virtual_kalshi_frames() {
  static const Kalshi all = [] {
    Kalshi out;
    vk::WorldOptions o;
    o.start = *parse_iso("2026-11-22T14:10:00Z");
    o.ladder = {2, 100};
    o.flicker_rate = 2;
    vk::World world{o};
    auto key = kalshi::Key::generate(kalshi::Key::Kind::ed25519);
    vk::Gate gate{"key", std::move(*key)};
    vk::KalshiApi api{world, gate, *vk::tier_of("prestige")};
    vk::KalshiSession session{world, world.account()};
    const auto take = [&] {
      for (auto& frame : session.take_frames()) out.frames.push_back(std::move(frame));
    };
    session.on_text(R"({"id":1,"cmd":"subscribe","params":{"channels":["cfbenchmarks_value"],"index_ids":["BRTI"]}})");
    session.on_text(R"({"id":2,"cmd":"subscribe","params":{"channels":["market_lifecycle_v2"]}})");
    const auto list = [&] {
      return api
          .handle({"GET", "/trade-api/v2/markets?limit=1000&status=open&series_ticker=KXBTC15M", "", {}}, world.now())
          .body;
    };
    JsonDocument document;
    kalshi::Counts counts;
    const auto root = document.parse(list());
    const auto markets = std::get<kalshi::Markets>(*kalshi::decode_rest(*root, counts));
    for (const auto& m : markets.markets) {
      session.on_text(R"({"id":4,"cmd":"subscribe","params":{"channels":["orderbook_delta","ticker","trade"],)"
                      R"("market_tickers":[")" +
                      m.ticker + R"("],"use_yes_price":true}})");
    }
    for (int i = 0; i < 20 * 600; ++i) {
      world.advance(world.now() + 100_ms);
      for (const auto& notice : world.exchange().take_notices()) session.on_notice(notice);
      for (const auto& second : world.take_index()) session.on_index(second);
      session.flush();
      take();
      if (i % 600 == 0) out.answers.push_back(list());
    }
    for (const auto& m : markets.markets)
      out.answers.push_back(api.handle({"GET", "/trade-api/v2/markets/" + m.ticker, "", {}}, world.now()).body);
    // Our own orders, in the words of the venue's documentation.
    for (int i = 0; i < 3; ++i) {
      out.frames.push_back(
          R"({"type":"fill","sid":3,"msg":{"trade_id":"t","order_id":"o","client_order_id":"c","market_ticker":"M",)"
          R"("exchange_index":2,"is_taker":true,"yes_price_dollars":"0.5000","count_fp":"1.00","fee_cost":"0.017500",)"
          R"("post_position_fp":"1.00","outcome_side":"yes","book_side":"bid","ts_ms":1795356000000}})");
      out.frames.push_back(
          R"({"type":"user_order","sid":3,"msg":{"order_id":"o","client_order_id":"c","ticker":"M","exchange_index":2,)"
          R"("status":"executed","outcome_side":"yes","book_side":"bid","yes_price_dollars":"0.5000",)"
          R"("initial_count_fp":"1.00","fill_count_fp":"1.00","remaining_count_fp":"0.00","taker_fees_dollars":"0.0175",)"
          R"("maker_fees_dollars":"0.0000","last_updated_ts_ms":1795356000000}})");
      out.frames.push_back(
          R"({"type":"market_position","sid":3,"msg":{"market_ticker":"M","position_fp":"1.00",)"
          R"("position_cost_dollars":"0.5000","realized_pnl_dollars":"0.0000","fees_paid_dollars":"0.0175"}})");
      out.frames.push_back(
          R"({"type":"cfbenchmarks_value_5hz","sid":5,"seq":1,"msg":{"index_id":"BRTI","value_usd":"68000.12000000",)"
          R"("source_ts_ms":1795356000000,"received_at":1795356000001}})");
      out.frames.push_back(
          R"({"type":"event_fee_update","sid":2,"seq":1,"msg":{"event_ticker":"E","fee_type_override":"quadratic",)"
          R"("fee_multiplier_override":1.5}})");
      out.frames.push_back(R"({"type":"order_group_updates","sid":3,"seq":1,"msg":{"order_group_id":"g",)"
                           R"("event_type":"triggered","contracts_limit_fp":"5.00"}})");
      out.frames.push_back(
          R"({"type":"event_lifecycle","sid":2,"seq":1,"msg":{"event_ticker":"E","series_ticker":"KXBTC15M"}})");
      out.frames.push_back(R"({"type":"cfbenchmarks_value_indexlist","sid":1,"msg":{"index_ids":["BRTI"]}})");
      out.frames.push_back(R"({"type":"error","id":7,"msg":{"code":6,"msg":"already subscribed"}})");
    }
    return out;
  }();
  return all;
}

std::vector<std::string> virtual_kraken_frames() {
  std::vector<std::string> out;
  virtual_kraken::Tape tape{5, 60};
  Time now = *parse_iso("2026-11-22T14:10:00Z");
  for (int i = 0; i < 600; ++i) tape.second(now = now + 1_s, 90'000 + i % 7, 1.0);
  virtual_kraken::KrakenSession v2{tape, virtual_kraken::Version::v2, now, 1};
  virtual_kraken::KrakenSession v1{tape, virtual_kraken::Version::v1, now, 1};
  v2.on_text(R"({"method":"subscribe","params":{"channel":"ohlc","symbol":["BTC/USD"],"interval":1}})", now);
  v2.on_text(R"({"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"],"snapshot":false}})", now);
  v1.on_text(R"({"event":"subscribe","pair":["XBT/USD"],"subscription":{"name":"ohlc","interval":1}})", now);
  v1.on_text(R"({"event":"subscribe","pair":["XBT/USD"],"subscription":{"name":"trade"}})", now);
  for (int i = 0; i < 120; ++i) {
    tape.second(now = now + 1_s, 90'000 + i % 11, 1.0);
    v2.on_time(now);
    v1.on_time(now);
    for (auto* session : {&v2, &v1}) {
      for (auto& frame : session->take_frames()) out.push_back(std::move(frame));
    }
    if (i % 4 == 0) {
      out.push_back(virtual_kraken::rest(tape, {"GET", "/0/public/Trades?pair=XBTUSD&count=50", "", {}}, now).body);
    }
  }
  return out;
}

struct Field {
  std::string kind, key;
  bool always{};
};

std::vector<Field> fields_read(Api api, const std::vector<std::string>& frames) {
  Reader reader{api};
  for (const auto& frame : frames) reader.read(frame);
  EXPECT_EQ(reader.watch.changed(), "") << "an alarm where nothing changed";
  std::vector<Field> out;
  reader.watch.each([&](const std::string& field, std::int64_t present, std::int64_t total) {
    if (present == 0 || total == 1'000) return;  // looked for and not sent, or expected and not looked for
    out.push_back({field.substr(0, field.find(": ")), field.substr(field.rfind('.') + 1), present == total});
  });
  return out;
}

// For each field that is read, the first few messages that have it.
std::map<std::pair<std::string, std::string>, std::vector<std::string>> messages_of(
    Api api, const std::vector<std::string>& frames) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> out;
  for (const auto& frame : frames) {
    Reader reader{api};
    reader.read(frame);
    reader.watch.each([&](const std::string& field, std::int64_t present, std::int64_t total) {
      // What is expected before any message stands at a thousand, and at one more after one.
      if (present == 0 || total == 1'000) return;
      auto& of = out[{field.substr(0, field.find(": ")), field.substr(field.rfind('.') + 1)}];
      if (of.size() < 3) of.push_back(frame);
    });
  }
  return out;
}

// Fields that come and go by themselves, so that absence says nothing: of our own orders alone, of the last minute
// alone, of a side that is empty, of strikes that are not published yet or that the type lacks (no order then:
// strike_unknown), of a candle's subscription alone, of refusals and answers.
const std::set<std::string> kComeAndGo{"client_order_id",
                                       "last_60s_windowed_average_15min",
                                       "yes_dollars_fp",
                                       "no_dollars_fp",
                                       "floor_strike",
                                       "cap_strike",
                                       "interval",
                                       "error",
                                       "id",
                                       "msg"};

// Feeds what was, then what is after the change, and asks for the field's name.
void expect_named(Api api, const std::vector<std::string>& frames, const Field& field,
                  const std::vector<std::string>& of) {
  constexpr const char* kHow[] = {"renamed", "retyped", "dropped"};
  for (const auto how : {Reshaping::rename, Reshaping::retype, Reshaping::drop}) {
    if (how != Reshaping::retype && !field.always) {
      EXPECT_TRUE(kComeAndGo.contains(field.key)) << field.kind << "." << field.key << " comes and goes";
      continue;
    }
    SCOPED_TRACE(field.kind + "." + field.key + " " + kHow[static_cast<int>(how)]);
    Reader reader{api};
    for (std::size_t i = 0; i < std::min<std::size_t>(frames.size(), 400); ++i) reader.read(frames[i]);
    for (int i = 0; i < 22; ++i) reader.read(of[static_cast<std::size_t>(i) % of.size()]);
    ASSERT_EQ(reader.watch.changed(), "");
    const bool rare = how == Reshaping::drop && kComeAndGo.contains(field.key);
    for (int i = 0; i < (rare ? 2'001 : 22); ++i) {
      const auto changed = reshaped(of[static_cast<std::size_t>(i) % of.size()], how, field.key);
      if (changed) reader.read(*changed);
    }
    EXPECT_THAT(reader.watch.changed(), HasSubstr(field.key));
  }
}

void every_field(Api api, const std::vector<std::string>& frames, std::size_t least) {
  const auto fields = fields_read(api, frames);
  EXPECT_GE(fields.size(), least) << "the decoders read more than that";
  const auto messages = messages_of(api, frames);
  for (const auto& field : fields) {
    const auto of = messages.find({field.kind, field.key});
    ASSERT_NE(of, messages.end()) << field.kind << "." << field.key;
    expect_named(api, frames, field, of->second);
  }
}

TEST(SchemaWatch, names_every_field_of_every_kalshi_frame_renamed_retyped_or_dropped) {
  every_field(Api::kalshi_ws, virtual_kalshi_frames().frames, 80);
}

TEST(SchemaWatch, names_every_field_of_a_kalshi_market_renamed_retyped_or_dropped) {
  every_field(Api::kalshi_rest, virtual_kalshi_frames().answers, 12);
}

TEST(SchemaWatch, names_every_field_of_every_kraken_frame_renamed_retyped_or_dropped) {
  every_field(Api::kraken, virtual_kraken_frames(), 25);
}

// All that have a field that comes and goes, and then all that lack it: what a start in the last minute of a quarter of
// an hour sees of the index, or one whose first books are two-sided.
void expect_silence_in_any_order(Api api, const std::vector<std::string>& frames) {
  struct Sorted {
    std::vector<std::string> with, without;
  };
  std::map<std::string, Sorted> of;
  for (const auto& frame : frames) {
    Reader reader{api};
    reader.read(frame);
    reader.watch.each([&](const std::string& field, std::int64_t present, std::int64_t total) {
      if (total == 0 || total == 1'000) return;
      auto& side = present == total ? of[field].with : of[field].without;
      if (side.size() < 30) side.push_back(frame);
    });
  }
  int come_and_go = 0;
  for (const auto& [field, sorted] : of) {
    if (sorted.with.empty() || sorted.without.empty()) continue;
    ++come_and_go;
    Reader reader{api};
    for (const auto* side : {&sorted.with, &sorted.without}) {
      for (std::size_t i = 0; i < 30; ++i) reader.read((*side)[i % side->size()]);
    }
    EXPECT_EQ(reader.watch.changed(), "") << field;
  }
  EXPECT_GT(come_and_go, 0);
}

TEST(SchemaWatch, says_nothing_of_what_comes_and_goes_whatever_came_first) {
  auto kalshi = virtual_kalshi_frames().frames;
  // Orders of a person: no name of ours, no end.
  kalshi.push_back(
      R"({"type":"user_order","sid":3,"msg":{"order_id":"o","ticker":"M","exchange_index":2,"status":"resting",)"
      R"("outcome_side":"yes","book_side":"bid","yes_price_dollars":"0.5000","initial_count_fp":"1.00",)"
      R"("fill_count_fp":"0.00","remaining_count_fp":"1.00","taker_fees_dollars":"0.0000",)"
      R"("maker_fees_dollars":"0.0000","last_updated_ts_ms":1795356000000}})");
  kalshi.push_back(
      R"({"type":"user_order","sid":3,"msg":{"order_id":"o","client_order_id":"c","ticker":"M","exchange_index":2,)"
      R"("status":"resting","outcome_side":"yes","book_side":"bid","yes_price_dollars":"0.5000",)"
      R"("initial_count_fp":"1.00","fill_count_fp":"0.00","remaining_count_fp":"1.00","taker_fees_dollars":"0.0000",)"
      R"("maker_fees_dollars":"0.0000","expiration_ts_ms":1795356030000,"last_updated_ts_ms":1795356000000}})");
  kalshi.push_back(
      R"({"type":"fill","sid":3,"msg":{"trade_id":"t","order_id":"o","market_ticker":"M","exchange_index":2,)"
      R"("is_taker":true,"yes_price_dollars":"0.5000","count_fp":"1.00","fee_cost":"0.017500",)"
      R"("post_position_fp":"1.00","outcome_side":"yes","book_side":"bid","ts_ms":1795356000000}})");
  expect_silence_in_any_order(Api::kalshi_ws, kalshi);
  expect_silence_in_any_order(Api::kalshi_rest, virtual_kalshi_frames().answers);
  expect_silence_in_any_order(Api::kraken, virtual_kraken_frames());
}

TEST(SchemaWatch, names_the_place_in_a_list_that_is_no_number_any_more) {
  const auto frames = virtual_kraken_frames();
  for (const auto& [kind, place, name] :
       std::vector<std::tuple<std::string, std::string, std::string>>{{"\"ohlc-1\",\"XBT/USD\"", "#2", "open"},
                                                                      {"\"ohlc-1\",\"XBT/USD\"", "#6", "vwap"},
                                                                      {"\"trade\",\"XBT/USD\"", "#0", "price"},
                                                                      {"\"trade\",\"XBT/USD\"", "#2", "time"},
                                                                      {"\"result\":{\"XXBTZUSD\"", "#0", "price"},
                                                                      {"\"result\":{\"XXBTZUSD\"", "#6", "trade_id"}}) {
    SCOPED_TRACE(kind + place);
    Reader reader{Api::kraken};
    int seen = 0;
    for (const auto& frame : frames) {
      if (frame.find(kind) == std::string::npos) continue;
      ++seen;
      reader.read(reshaped(frame, Reshaping::retype, place).value_or(frame));
    }
    EXPECT_GT(seen, 2);
    EXPECT_THAT(reader.watch.changed(), HasSubstr(name));
  }
}

TEST(SchemaWatch, takes_new_fields_and_a_single_bad_message_for_what_they_are) {
  Reader reader{Api::kalshi_ws};
  const auto& frames = virtual_kalshi_frames().frames;
  for (int round = 0; round < 3; ++round) {
    for (const auto& frame : frames) {
      std::string more = frame;
      more.insert(1, R"("brand_new":1,)");
      reader.read(more);
    }
    reader.read(R"({"type":"ticker","sid":1,"msg":{}})");
    reader.read("not even JSON");
  }
  EXPECT_EQ(reader.watch.changed(), "");
}

TEST(SchemaWatch, does_not_take_an_empty_side_beside_an_addition_for_a_renamed_one) {
  Reader reader{Api::kalshi_ws};
  const auto snapshot = [](const std::string& yes) {
    return R"({"type":"orderbook_snapshot","sid":1,"seq":1,"addition":1,"msg":{"market_ticker":"M","added":2,)" + yes +
           R"("no_dollars_fp":[["0.6000","3.00"]]}})";
  };
  const std::string two_sided = R"("yes_dollars_fp":[["0.4000","3.00"]],)";
  for (int i = 0; i < 30; ++i) reader.read(snapshot(two_sided));
  for (int i = 0; i < 5; ++i) reader.read(snapshot(""));
  EXPECT_EQ(reader.watch.changed(), "");
  reader.read(snapshot(R"("yes_book":[["0.4000","3.00"]],)"));
  EXPECT_THAT(reader.watch.changed(), HasSubstr("yes_dollars_fp is gone, and yes_book is new"));
}

TEST(SchemaWatch, says_nothing_on_what_the_real_venues_sent) {
  const char* data = std::getenv("VOLTAGE_TEST_DATA");
  if (data == nullptr) GTEST_SKIP() << "VOLTAGE_TEST_DATA is not set";
  int frames = 0;
  const auto read = [&frames](Reader& reader, const std::filesystem::path& file) {
    auto lines = io::LineReader::open(file.string());
    ASSERT_TRUE(lines) << file;
    JsonDocument outer;
    for (;;) {
      const auto line = lines->next();
      if (!line || !*line) return;
      ++frames;
      const auto root = outer.parse(**line);
      if (!root || !root->is(JsonType::object)) {
        reader.read(std::string{**line});
        continue;
      }
      std::string raw{**line};
      for (const JsonValue child : *root) {
        if (child.key() == "raw" && child.is(JsonType::string)) raw = child.text();
      }
      reader.read(raw);
    }
  };
  const auto fixtures = std::filesystem::path{data} / ".." / "protocol" / "fixtures";
  for (const char* file : {"ws_real_btc_2026.jsonl", "ws_real_demo_20260827.jsonl", "ws_cfbenchmarks_shape.jsonl"}) {
    Reader reader{Api::kalshi_ws};
    read(reader, fixtures / "kalshi" / file);
    EXPECT_EQ(reader.watch.changed(), "") << file;
  }
  for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{data} / "kalshi_frames"}) {
    Reader reader{Api::kalshi_ws};
    read(reader, entry.path());
    EXPECT_EQ(reader.watch.changed(), "") << entry.path();
  }
  for (const auto& entry : std::filesystem::directory_iterator{fixtures / "kraken"}) {
    Reader reader{Api::kraken};
    read(reader, entry.path());
    EXPECT_EQ(reader.watch.changed(), "") << entry.path();
  }
  EXPECT_GT(frames, 100);
}

}  // namespace
}  // namespace voltage::venue

// Mutated frames and answers through each decoder: no crash, no number outside its range, only errors that say what
// is wrong. VOLTAGE_FUZZ_FRAMES sets how many go through each; with the sanitizers' build:
//   cmake --preset asan && cmake --build --preset asan --target fuzz_tests
//   VOLTAGE_FUZZ_FRAMES=5000000 build/asan/tests/fuzz/fuzz_tests --gtest_filter='Decoders/Fuzz.*'
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/decimal.hpp"
#include "base/rng.hpp"
#include "support/venue_frames.hpp"
#include "venue/kalshi/order_wire.hpp"
#include "venue/kalshi/portfolio.hpp"

namespace voltage::venue {
namespace {

constexpr Money kMoneyMax{1'000'000'000'000'000'000};

bool price_ok(Price p) {
  return p.pips >= 0 && p.pips <= Price::kOne;
}
bool qty_ok(Qty q) {
  return abs(q) <= kQtyMax;
}
bool money_ok(Money m) {
  return m <= kMoneyMax && -m <= kMoneyMax;
}
bool levels_ok(const std::vector<market::Level>& levels) {
  return std::all_of(levels.begin(), levels.end(),
                     [](const auto& l) { return price_ok(l.price) && l.qty.centis > 0 && qty_ok(l.qty); });
}
bool order_ok(const kalshi::Order& o) {
  return price_ok(o.price) && qty_ok(o.initial) && qty_ok(o.filled) && qty_ok(o.remaining);
}
bool fill_ok(const kalshi::Fill& f) {
  return price_ok(f.price) && qty_ok(f.qty) && money_ok(f.fee);
}

struct InRange {
  bool operator()(const kalshi::BookDelta& m) const { return price_ok(m.price) && qty_ok(m.change); }
  bool operator()(const kalshi::BookSnapshot& m) const { return levels_ok(m.bids) && levels_ok(m.asks); }
  bool operator()(const kalshi::Trade& m) const { return price_ok(m.price) && m.qty.centis >= 0 && qty_ok(m.qty); }
  bool operator()(const kalshi::Fill& m) const { return fill_ok(m); }
  bool operator()(const kalshi::Order& m) const { return order_ok(m); }
  bool operator()(const kalshi::Position& m) const { return qty_ok(m.qty); }
  bool operator()(const kalshi::RestBook& m) const { return levels_ok(m.bids) && levels_ok(m.asks); }
  bool operator()(const kalshi::RestOrders& m) const { return std::all_of(m.orders.begin(), m.orders.end(), order_ok); }
  bool operator()(const kalshi::RestFills& m) const { return std::all_of(m.fills.begin(), m.fills.end(), fill_ok); }
  bool operator()(const kraken::Candles& m) const {
    return std::all_of(m.rows.begin(), m.rows.end(), [](const kraken::CandleRow& r) {
      return r.low.e8 > 0 && r.low <= r.open && r.low <= r.close && r.open <= r.high && r.close <= r.high &&
             r.volume.e8 >= 0 && r.trades >= 0 && r.interval.ns >= 0;  // REST does not say it
    });
  }
  bool operator()(const kraken::Trades& m) const {
    return std::all_of(m.rows.begin(), m.rows.end(),
                       [](const kraken::TradeRow& r) { return r.price.e8 > 0 && r.qty.e8 >= 0 && r.at.ns > 0; });
  }
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }
};

// What became of one text: refused with a reason, or read.
enum class Verdict : std::uint8_t { read, refused, unnamed_error, out_of_range };

template <class T>
Verdict verdict(const Result<T>& read, bool in_range) {
  if (!read) return read.error().message.empty() ? Verdict::unnamed_error : Verdict::refused;
  return in_range ? Verdict::read : Verdict::out_of_range;
}

struct Target {
  const char* name;
  std::vector<std::string> seeds;
  std::function<Verdict(const std::string&)> decode;
};
std::ostream& operator<<(std::ostream& out, const Target& t) {
  return out << t.name;
}

// The lines as `voltage decode` reads them: whatever comes in, JSON comes out.
Verdict line_verdict(LineDecoder& decoder, const std::string& text) {
  JsonDocument document;
  const auto line = decoder.decode(text, 1);
  if (!document.parse(line.json)) return Verdict::unnamed_error;
  return line.error ? Verdict::refused : Verdict::read;
}

std::vector<std::string> recorded_of(LineFormat format, const std::function<bool(const std::string&)>& wanted = {}) {
  std::vector<std::string> out;
  for (const auto& sample : recorded()) {
    if (sample.format == format && (!wanted || wanted(sample.line))) out.push_back(sample.line);
  }
  return out;
}

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

Target kalshi_frames() {
  std::vector<std::string> seeds{
      R"({"type":"orderbook_snapshot","sid":2,"seq":2,"sending_ts_ms":1669149841234,"msg":{"market_ticker":"X","market_id":"u","clock":41,"yes_dollars_fp":[["0.0800","300.00"],["0.2200","333.00"]],"no_dollars_fp":[["0.5400","20.00"]]}})",
      R"({"type":"orderbook_delta","sid":2,"seq":3,"msg":{"market_ticker":"X","price_dollars":"0.9600","delta_fp":"-54.00","side":"yes","ts_ms":1669149841000}})",
      R"({"type":"fill","sid":4,"msg":{"trade_id":"t","order_id":"o","client_order_id":"voltage-1","market_ticker":"X","exchange_index":2,"is_taker":true,"yes_price_dollars":"0.7500","count_fp":"2.78","fee_cost":"0.010000","outcome_side":"yes","book_side":"bid","post_position_fp":"5.00","ts_ms":1671899397000}})",
      R"({"type":"user_order","sid":5,"msg":{"order_id":"o","client_order_id":"voltage-1","ticker":"X","exchange_index":2,"status":"resting","outcome_side":"yes","book_side":"bid","yes_price_dollars":"0.3500","initial_count_fp":"10.00","fill_count_fp":"0.00","remaining_count_fp":"10.00","taker_fill_cost_dollars":"0","maker_fill_cost_dollars":"0","last_update_reason":"Amend","created_ts_ms":1671899397000}})",
      R"({"type":"cfbenchmarks_value","sid":1,"seq":42,"msg":{"index_id":"BRTI","received_at":1710000000123,"data":"{\"type\":\"value\",\"id\":\"BRTI\",\"time\":1710000000123,\"value\":\"68000.12\"}","avg_60s_data":{"value":"68000.12000000","window_size":3,"window_start_ts_ms":1710000000000,"window_end_ts_exclusive":1710000003000}}})",
      R"({"type":"market_position","sid":6,"msg":{"market_ticker":"X","position_fp":"-3.00","position_cost_dollars":"1.2","realized_pnl_dollars":"0.1","fees_paid_dollars":"0.01","volume_fp":"9.00"}})",
      R"({"type":"event_fee_update","sid":3,"seq":9,"msg":{"event_ticker":"E","fee_type_override":"quadratic_with_maker_fees","fee_multiplier_override":0.5}})"};
  for (auto& line : recorded_of(LineFormat::kalshi, [](const std::string& s) { return has(s, "\"type\""); }))
    seeds.push_back(std::move(line));
  return {
      "kalshi_ws", std::move(seeds),
      [frames = std::make_shared<kalshi::Decoder>(kalshi::NoPrices::no_axis),
       lines = std::make_shared<LineDecoder>(LineFormat::kalshi, kalshi::NoPrices::no_axis)](const std::string& text) {
        if (const auto v = line_verdict(*lines, text); v == Verdict::unnamed_error) return v;
        const auto frame = frames->frame(text);
        return verdict(frame, frame && std::visit(InRange{}, frame->message));
      }};
}

// Each body by the reader that asks for it.
Target kalshi_rest() {
  using Reader = std::function<Verdict(const std::string&)>;
  const auto typed = [](auto decode, auto in_range) -> Reader {
    return [=](const std::string& text) {
      const auto read = decode(text);
      return verdict(read, read && in_range(*read));
    };
  };
  const auto any = [](const auto&) { return true; };
  const Reader rest = [](const std::string& text) {
    JsonDocument document;
    kalshi::Counts counts;
    const auto root = document.parse(text);
    if (!root) return verdict(root, true);
    const auto object = kalshi::decode_rest(*root, counts);
    return verdict(object, object && std::visit(InRange{}, *object));
  };
  const Reader positions = typed(kalshi::decode_positions, [](const kalshi::HeldPositions& all) {
    return std::all_of(all.positions.begin(), all.positions.end(), [](const kalshi::HeldPosition& p) {
      return qty_ok(p.qty) && money_ok(p.exposure) && money_ok(p.realized) && money_ok(p.fees);
    });
  });
  const Reader settlements = typed(kalshi::decode_settlements, [](const kalshi::VenueSettlements& all) {
    return std::all_of(all.settlements.begin(), all.settlements.end(), [](const kalshi::VenueSettlement& s) {
      return qty_ok(s.yes) && qty_ok(s.no) && money_ok(s.revenue) && money_ok(s.fees) && s.at.ns > 0;
    });
  });
  const auto moves_ok = [](const kalshi::CashMoves& all) {
    return std::all_of(all.moves.begin(), all.moves.end(),
                       [](const auto& m) { return money_ok(m.moved.amount) && m.at.ns >= 0; });
  };
  const Reader answer = typed(kalshi::decode_order_answer, [](const kalshi::OrderAnswer& a) {
    return qty_ok(a.filled.value_or(Qty{})) && qty_ok(a.remaining.value_or(Qty{}));
  });
  const std::vector<std::pair<std::string, Reader>> bodies{
      {R"({"market":{"ticker":"KXBTC15M-26AUG170100-00","event_ticker":"KXBTC15M-26AUG170100","status":"active","open_time":"2026-08-17T04:45:00Z","close_time":"2026-08-17T05:00:00Z","strike_type":"greater_or_equal","floor_strike":63441.03,"price_ranges":[{"start":"0.0000","end":"0.1000","step":"0.0010"},{"start":"0.1000","end":"1.0000","step":"0.0100"}],"yes_bid_dollars":"0.9520","yes_ask_dollars":"0.9530","result":"","expiration_value":"","exchange_index":2}})",
       rest},
      {R"({"markets":[{"ticker":"A-1","event_ticker":"A","status":"finalized","open_time":"2026-08-17T04:45:00Z","close_time":"2026-08-17T05:00:00Z","strike_type":"between","floor_strike":1,"cap_strike":2.5,"price_level_structure":"linear_cent","result":"yes","expiration_value":"63318.53"}],"cursor":"c"})",
       rest},
      {R"({"orderbook_fp":{"yes_dollars":[["0.1900","506.00"],["0.2100","2757.33"]],"no_dollars":[["0.7200","377.19"]]}})",
       rest},
      {R"({"orders":[{"order_id":"o","client_order_id":"voltage-1","ticker":"X","status":"resting","outcome_side":"yes","book_side":"bid","yes_price_dollars":"0.3500","initial_count_fp":"10.00","fill_count_fp":"0.00","remaining_count_fp":"10.00","taker_fees_dollars":"0.1","expiration_time":"2026-08-17T05:00:00Z"}],"cursor":""})",
       rest},
      {R"({"fills":[{"trade_id":"t","fill_id":"t","order_id":"o","ticker":"X","is_taker":false,"yes_price_dollars":"0.75","count_fp":"2.78","fee_cost":"0.01","outcome_side":"no","book_side":"ask","created_time":"2026-08-17T05:00:00Z"}],"cursor":"x"})",
       rest},
      {R"({"error":{"code":"invalid_order","message":"invalid order","details":"post only cross"}})", rest},
      {R"({"market_positions":[{"ticker":"X","exchange_index":2,"total_traded_dollars":"1","position_fp":"-4.50","market_exposure_dollars":"1.20","realized_pnl_dollars":"-0.30","fees_paid_dollars":"0.02","last_updated_ts":"2026-08-17T05:00:00Z"}],"event_positions":[],"cursor":""})",
       positions},
      {R"({"settlements":[{"ticker":"X","exchange_index":2,"event_ticker":"E","market_result":"yes","yes_count_fp":"4.00","yes_total_cost_dollars":"1.20","no_count_fp":"0.00","no_total_cost_dollars":"0","revenue":400,"settled_time":"2026-08-17T05:02:00Z","fee_cost":"0.02","value":100}],"cursor":""})",
       settlements},
      {R"({"balance":1000,"balance_dollars":"10.000000","portfolio_value":0,"balance_breakdown":[{"exchange_index":2,"balance":"10.00"}],"updated_ts":1})",
       typed(kalshi::decode_balance, [](const kalshi::Balance& b) { return money_ok(b.total); })},
      {R"({"series":{"ticker":"KXBTC15M","fee_type":"quadratic","fee_multiplier":1}})",
       typed(kalshi::decode_fee_terms,
             [](const market::FeeTerms& t) { return t.multiplier_e6 >= 0 && t.multiplier_e6 <= 100'000'000; })},
      {R"({"events":[{"event_ticker":"E","series_ticker":"S","title":"t","mutually_exclusive":false,"fee_type_override":"quadratic","fee_multiplier_override":0.5},{"event_ticker":"F","fee_type_override":null,"fee_multiplier_override":null}],"cursor":"c"})",
       typed(kalshi::decode_event_fees,
             [](const kalshi::EventFees& all) {
               return std::all_of(all.events.begin(), all.events.end(), [](const kalshi::FeeUpdate& e) {
                 return e.multiplier_e6.value_or(0) >= 0 && e.multiplier_e6.value_or(0) <= 1'000'000'000;
               });
             })},
      {R"({"series_fee_change_arr":[{"id":"f","series_ticker":"KXBTC15M","fee_type":"quadratic_with_maker_fees","fee_multiplier":0.5,"scheduled_ts":"2026-08-17T05:00:00Z"}]})",
       typed(kalshi::decode_fee_schedule,
             [](const std::vector<kalshi::FeeChange>& all) {
               return std::all_of(all.begin(), all.end(), [](const auto& c) {
                 return c.terms.multiplier_e6 >= 0 && c.terms.multiplier_e6 <= 100'000'000;
               });
             })},
      {R"({"exchange_active":true,"trading_active":false,"exchange_index_statuses":[{"exchange_index":2,"exchange_active":true,"trading_active":true},{"exchange_index":3,"exchange_active":false,"trading_active":false}]})",
       typed(kalshi::decode_paused_shards,
             [](const std::set<std::int64_t>& all) {
               return std::all_of(all.begin(), all.end(), [](auto shard) { return shard >= 0 && shard <= 1'000; });
             })},
      {R"({"order_id":"o","client_order_id":"c","fill_count":"0.00","remaining_count":"10.00","average_fill_price":"0.5","ts_ms":1715793600123})",
       answer},
      {R"({"orders":[{"order_id":"o","client_order_id":"c","reduced_by":"10.00","ts_ms":1},{"order_id":"p","reduced_by":"0.00","error":{"code":"not_found","message":"m"}}]})",
       typed(kalshi::decode_batch_answer,
             [](const std::vector<kalshi::OrderAnswer>& all) {
               return std::all_of(all.begin(), all.end(),
                                  [](const auto& a) { return qty_ok(a.reduced.value_or(Qty{})); });
             })},
      {R"({"deposits":[{"id":"b1","status":"applied","type":"ach","amount_cents":5000,"fee_cents":0,"created_ts":1795366800,"finalized_ts":1795366801}],"cursor":""})",
       typed(kalshi::decode_deposits, moves_ok)},
      {R"({"withdrawals":[{"id":"b2","status":"applied","type":"ach","amount_cents":2000,"fee_cents":5,"created_ts":1795366800}],"cursor":""})",
       typed(kalshi::decode_withdrawals, moves_ok)},
      {R"({"transfers":[{"transfer_id":"y1","from_subaccount":0,"to_subaccount":1,"amount_cents":100,"created_ts":1795366800,"exchange_index":2}],"cursor":""})",
       typed(kalshi::decode_subaccount_transfers, moves_ok)},
      {R"({"order_group_id":"g","subaccount":0,"exchange_index":2})", typed(kalshi::decode_group_id, any)},
  };
  std::vector<std::string> seeds;
  for (std::size_t i = 0; i < bodies.size(); ++i) seeds.push_back(bodies[i].first);
  const auto lines = recorded_of(LineFormat::kalshi, [](const std::string& s) { return !has(s, "\"type\""); });
  seeds.insert(seeds.end(), lines.begin(), lines.end());
  // A mutated body is for whichever reader: a venue that mixes its answers up is no reason to fall over.
  return {"kalshi_rest", std::move(seeds), [bodies, turn = std::size_t{0}](const std::string& text) mutable {
            const auto& reader = bodies[turn++ % bodies.size()].second;
            const Verdict first = reader(text);
            if (first != Verdict::read && first != Verdict::refused) return first;
            for (const auto& [seed, own] : bodies) {
              if (text.substr(0, 14) == seed.substr(0, 14)) return own(text);
            }
            return first;
          }};
}

Target kraken(const char* name, std::vector<std::string> seeds, const std::function<bool(const std::string&)>& wanted) {
  for (auto& line : recorded_of(LineFormat::kraken, wanted)) seeds.push_back(std::move(line));
  return {
      name, std::move(seeds),
      [frames = std::make_shared<kraken::Decoder>(),
       lines = std::make_shared<LineDecoder>(LineFormat::kraken, kalshi::NoPrices::no_axis)](const std::string& text) {
        if (const auto v = line_verdict(*lines, text); v == Verdict::unnamed_error) return v;
        const auto frame = frames->frame(text);
        return verdict(frame, frame && std::visit(InRange{}, frame->message));
      }};
}

bool is_array(const std::string& s) {
  return s.starts_with("[");
}
bool is_rest(const std::string& s) {
  return has(s, "\"error\":[");
}

std::vector<Target> targets() {
  std::vector<Target> all{
      kalshi_frames(), kalshi_rest(),
      kraken(
          "kraken_v2",
          {R"({"channel":"ohlc","type":"update","timestamp":"2026-09-10T17:35:52.114514810Z","data":[{"symbol":"BTC/USD","open":77499.9,"high":77509.2,"low":77467.5,"close":77509.2,"trades":15,"volume":0.58051276,"vwap":77482.2,"interval_begin":"2026-09-10T17:35:00.000000000Z","interval":1,"timestamp":"2026-09-10T17:36:00.000000Z"}]})",
           R"({"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":77120.0,"qty":0.00048389,"ord_type":"limit","trade_id":105702534,"timestamp":"2026-08-22T17:30:53.355059Z"}]})",
           R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2","connection_id":16174536464690282295}]})",
           R"({"method":"subscribe","result":{"channel":"ohlc","interval":1,"snapshot":true,"symbol":"BTC/USD"},"success":true,"time_in":"2026-08-22T17:30:53.355059Z","time_out":"2026-08-22T17:30:53.355159Z","req_id":7})"},
          [](const std::string& s) { return !is_array(s) && !is_rest(s) && !has(s, "\"event\""); }),
      kraken(
          "kraken_v1",
          {R"([343,["1699797181.803577","1699797240.000000","37080.20000","37080.20000","37080.20000","37080.20000","37080.20000","0.01032369",2],"ohlc-1","XBT/USD"])",
           R"([337,[["37080.10000","0.00015891","1699797222.188887","s","m",""]],"trade","XBT/USD"])",
           R"({"event":"systemStatus","version":"1.9.6","status":"online","connectionID":14463420050456470503})",
           R"({"channelID":343,"channelName":"ohlc-1","event":"subscriptionStatus","pair":"XBT/USD","status":"subscribed","subscription":{"interval":1,"name":"ohlc"}})"},
          [](const std::string& s) { return is_array(s) || has(s, "\"event\""); }),
      kraken(
          "kraken_rest",
          {R"({"error":[],"result":{"XXBTZUSD":[[1699797180,"37080.2","37081.0","37080.1","37080.9","37080.5","0.5",7],[1699797240,"37080.9","37081.0","37080.1","37080.2","37080.5","0.25",3]],"last":1699797180}})",
           R"({"error":[],"result":{"XBTUSDT":[["105433.60000","0.00027625",1762795433.9717445,"b","l","",10218208],["105410.10000","0.00005000",1762795457.8467374,"s","m","",10218209]],"last":"1762795457846737400"}})",
           R"({"error":["EGeneral:Too many requests"]})",
           R"({"error":[],"result":{"unixtime":1762795457,"rfc1123":"Mon, 10 Nov 25 17:24:17 +0000"}})"},
          is_rest)};
  Target tape{"tape", recorded_of(LineFormat::tape),
              [lines = std::make_shared<LineDecoder>(LineFormat::tape, kalshi::NoPrices::no_axis)](
                  const std::string& text) { return line_verdict(*lines, text); }};
  if (!tape.seeds.empty()) all.push_back(std::move(tape));  // recordings only
  return all;
}

std::string mutated(const std::string& line, const std::string& other, Rng& rng) {
  std::string out = line;
  const auto changes = 1 + rng.below(4);
  for (std::uint64_t i = 0; i < changes && !out.empty(); ++i) {
    const auto at = rng.below(out.size());
    switch (rng.below(7)) {
      case 0:
        out[at] = static_cast<char>(rng.below(256));
        break;
      case 1:
        out.erase(at, 1 + rng.below(8));
        break;
      case 2:
        out.insert(at, 1, static_cast<char>(rng.below(256)));
        break;
      case 3:
        out[at] = "0123456789-+.eE\"[]{},:"[rng.below(22)];
        break;
      case 4:
        out.resize(at);
        break;
      case 5:
        out.insert(at, out.substr(rng.below(out.size()), rng.below(40)));
        break;
      default:
        if (!other.empty()) out.insert(at, other.substr(rng.below(other.size()), rng.below(60)));
    }
  }
  return out;
}

class Fuzz : public testing::TestWithParam<Target> {};

TEST_P(Fuzz, no_mutated_text_gives_a_crash_an_unnamed_error_or_a_number_out_of_range) {
  const char* wanted = std::getenv("VOLTAGE_FUZZ_FRAMES");
  const std::int64_t frames = wanted == nullptr ? 30'000 : parse_int(wanted).value_or(30'000);
  auto target = GetParam();
  for (const auto& seed : target.seeds) {
    const Verdict whole = target.decode(seed);
    ASSERT_TRUE(whole == Verdict::read || whole == Verdict::refused) << seed;
  }
  Rng rng{20'260'418};
  std::int64_t refused = 0;
  for (std::int64_t i = 0; i < frames; ++i) {
    const auto text =
        mutated(target.seeds[rng.below(target.seeds.size())], target.seeds[rng.below(target.seeds.size())], rng);
    const Verdict v = target.decode(text);
    ASSERT_NE(v, Verdict::unnamed_error) << text;
    ASSERT_NE(v, Verdict::out_of_range) << text;
    refused += v == Verdict::refused ? 1 : 0;
  }
  EXPECT_GT(refused, frames / 3);
  EXPECT_LT(refused, frames);
  std::printf("%s: %lld mutated texts, %lld refused, %lld read\n", target.name, static_cast<long long>(frames),
              static_cast<long long>(refused), static_cast<long long>(frames - refused));
}

INSTANTIATE_TEST_SUITE_P(Decoders, Fuzz, testing::ValuesIn(targets()),
                         [](const auto& target) { return std::string{target.param.name}; });

}  // namespace
}  // namespace voltage::venue

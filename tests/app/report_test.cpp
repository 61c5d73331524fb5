// What a run earned and what it leaves behind, from its journal alone.
#include "app/journal/run_report.hpp"

#include <algorithm>

#include "app/journal/carry.hpp"
#include "app/journal/replay.hpp"
#include "app/journal/run_folder.hpp"
#include "app/journal_fixture.hpp"
#include "base/decimal.hpp"
#include "io/atomic_file.hpp"

namespace voltage::app::journal {
namespace {

using app::testing::journaled_demo;
using app::testing::TempFolder;

// The run to its end in a core of its own.
std::unique_ptr<Replayer> replayed(const std::string& folder) {
  auto r = Replayer::open(folder);
  EXPECT_TRUE(r);
  while (*(*r)->peek()) EXPECT_TRUE((*r)->act());
  return std::move(*r);
}

// The journal of a live run with a thousand dollars, at its first moment.
struct LiveRun {
  LiveRun() {
    config.engine.cash = Money{1'000'000'000};
    auto started = start_run({folder, "live", 0, at, {}}, config, {});
    EXPECT_TRUE(started);
    if (started) writer = std::move(*started);
  }
  TempFolder temp;
  std::string folder = temp.path("run");
  Time at{1'772'323'200'000'000'000};
  CoreConfig config;
  std::unique_ptr<io::JournalWriter> writer;
};

TEST(Report, its_money_is_that_of_the_run) {
  const TempFolder temp;
  const auto folder = journaled_demo(temp, 3);
  const auto report = report_runs({folder});
  ASSERT_TRUE(report) << report.error().message;
  const auto run = replayed(folder);
  const auto& ledger = run->core().engine().ledger();
  EXPECT_EQ(report->cash_end, ledger.cash());
  EXPECT_EQ(report->fees, ledger.fees());
  Money flow, fees;
  for (const auto& m : report->markets) {
    flow += m.net;
    fees += m.fees;
  }
  EXPECT_EQ(flow, ledger.cash() - ledger.start()) << "every change of cash belongs to a market";
  EXPECT_EQ(fees, ledger.fees());
  EXPECT_GT(report->orders, 0);
  EXPECT_GT(report->decisions, report->orders);
  EXPECT_NE(report_text(*report).find("Fills were simulated"), std::string::npos);
  EXPECT_NE(report_html(*report).find(report->markets.at(0).ticker), std::string::npos);
  EXPECT_EQ(report_json(*report).find('\n'), std::string::npos);
}

TEST(Report, the_parts_of_the_profit_add_up_to_the_ledgers_to_the_last_count) {
  const TempFolder temp;
  const auto report = report_runs({journaled_demo(temp, 3)});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_GT(std::count_if(report->markets.begin(), report->markets.end(), [](const auto& m) { return m.outcome; }), 0);
  EXPECT_EQ(report->parts.total(), report->net);
  Money fees;
  for (const auto& m : report->markets) fees += m.outcome ? m.fees : Money{};
  EXPECT_EQ(-report->parts.fees, fees);
  EXPECT_NE(report->parts.direction, Money{});
  EXPECT_NE(report->parts.volatility, Money{});
  EXPECT_EQ(report->parts.earlier, Money{});
  const auto text = report_text(*report), html = report_html(*report), json = report_json(*report);
  const auto signed_dollars = [](Money m) { return m.micros < 0 ? "-$" + format_money(-m) : "$" + format_money(m); };
  EXPECT_NE(text.find("direction                             " + signed_dollars(report->parts.direction)),
            std::string::npos)
      << text;
  EXPECT_NE(html.find("<th>volatility</th><td>" + signed_dollars(report->parts.volatility)), std::string::npos);
  EXPECT_NE(json.find(R"("total":")" + format_money(report->net) + "\""), std::string::npos) << json;
}

// A live run's journal: what was held when it began, a fill told twice, an outcome that was amended.
TEST(Report, the_parts_know_what_was_held_before_and_count_nothing_twice) {
  LiveRun run;
  auto& [temp, folder, at, config, writer] = run;
  {
    ASSERT_TRUE(writer);
    Core core{config};
    std::uint64_t seq = 0;
    const auto say = [&](event::Payload what) {
      const event::Event e{++seq, at, std::move(what)};
      writer->append(e);
      std::uint32_t place = 0;
      for (const auto& fx : core.engine().on(e)) EXPECT_TRUE(writer->append(e, place++, fx));
    };
    market::Contract contract;
    contract.ticker = "KXBTC15M-26MAR010015-15";
    contract.series = "KXBTC15M";
    contract.open = at;
    contract.close = at + Duration{900'000'000'000};
    contract.strike = {market::StrikeType::greater_or_equal, market::index_from_usd(70'000), std::nullopt};
    contract.ticks = market::TickGrid::linear_cent();
    say(event::ContractSeen{contract});
    event::FillSeen fill{{}, "before", {0}, Side::bid, Price{3'000}, Qty{1'000}, Money{70'000}, false};
    say(fill);
    fill.order = {1};
    fill.trade_id = "ours";
    fill.price = Price{6'000};
    say(fill);
    say(fill);
    say(event::Settled{{0}, event::Outcome::no, {}});
    say(event::Settled{{0}, event::Outcome::yes, {}});
    ASSERT_TRUE(writer->close());
  }
  const auto report = report_runs({folder});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->parts.earlier, Money{7'000'000});
  EXPECT_EQ(report->parts.fees, Money{-140'000});
  EXPECT_EQ(report->net, Money{10'860'000});
  EXPECT_EQ(report->parts.total(), report->net);
  EXPECT_NE(report_text(*report).find("from before the run"), std::string::npos);
}

TEST(Report, two_runs_taken_together_are_one_sample) {
  const TempFolder one, two;
  const auto a = journaled_demo(one, 3), b = journaled_demo(two, 4);
  const auto first = report_runs({a}), second = report_runs({b}), both = report_runs({a, b});
  ASSERT_TRUE(first && second && both);
  EXPECT_EQ(both->net, first->net + second->net);
  EXPECT_EQ(both->markets.size(), first->markets.size() + second->markets.size());
  EXPECT_EQ(both->quotes_judged, first->quotes_judged + second->quotes_judged);
}

TEST(Report, is_made_from_no_run_that_replays_otherwise) {
  const TempFolder temp;
  const auto folder = journaled_demo(temp, 3);
  const auto path = folder + "/000001.journal";
  auto bytes = io::read_file(path);
  ASSERT_TRUE(bytes);
  bytes->at(bytes->size() / 2) ^= 1;
  ASSERT_TRUE(io::write_file(path, *bytes));
  EXPECT_FALSE(report_runs({folder}));
}

TEST(Carry, a_run_leaves_its_losses_to_the_next_one) {
  const TempFolder temp;
  const auto folder = journaled_demo(temp, 3);
  const auto left = left_over(folder);
  ASSERT_TRUE(left) << left.error().message;
  const auto run = replayed(folder);
  const auto carried = run->core().engine().gate().carried();
  EXPECT_EQ(left->losses.day, carried.day);
  EXPECT_EQ(left->losses.day_start, carried.day_start);
  EXPECT_EQ(left->losses.highest, carried.highest);
  EXPECT_EQ(left->halted, "");

  // The next run may lose what is left of the day, and no more.
  risk::Limits limits;
  risk::Gate gate{limits, carried};
  const Money cash = run->core().engine().ledger().equity_at_cost() - Money{30'000'000};
  const ledger::Ledger ledger{cash};
  gate.follow(run->core().engine().now(), ledger);
  EXPECT_EQ(gate.loss_max_today(ledger),
            min(limits.day_loss_max - (carried.day_start - cash), limits.drawdown_max - (carried.highest - cash)));
  // A new day begins with what there is; the highest equity stays.
  gate.follow(run->core().engine().now() + Duration{86'400'000'000'000}, ledger);
  EXPECT_EQ(gate.carried().day_start, cash);
  EXPECT_EQ(gate.carried().highest, carried.highest);
}

TEST(Carry, money_that_came_or_went_hides_no_loss_and_makes_none) {
  for (const std::int64_t moved : {500'000'000, -200'000'000}) {
    LiveRun run;
    auto& [temp, folder, at, config, writer] = run;
    ASSERT_TRUE(writer);
    std::uint64_t seq = 0;
    const auto say = [&](event::Payload what) { writer->append(event::Event{++seq, at, std::move(what)}); };
    say(event::TimePassed{});
    // A hundred contracts at 30 cents that pay nothing.
    event::FillSeen fill;
    fill.trade_id = "t";
    fill.qty = Qty{10'000};
    fill.price = Price{3'000};
    say(fill);
    say(event::Settled{{}, event::Outcome::no, {}});
    say(event::CashMoved{event::CashMove::deposit, Money{moved}, "d"});
    say(event::CashMoved{event::CashMove::deposit, Money{moved}, "d"});
    ASSERT_TRUE(writer->close());
    const auto left = left_over(folder);
    ASSERT_TRUE(left) << left.error().message;

    const risk::Limits limits;
    risk::Gate gate{limits, left->losses};
    const ledger::Ledger next{Money{970'000'000 + moved}};
    gate.follow(at, next);
    EXPECT_EQ(gate.loss_max_today(next), limits.day_loss_max - Money{30'000'000}) << moved;
    EXPECT_EQ(left->moves, std::set<std::string>{"d"});
    EXPECT_EQ(left->known_until, at);
  }
}

TEST(Carry, a_deposit_is_known_to_the_next_run_though_this_one_was_killed_right_after) {
  LiveRun run;
  auto& [temp, folder, at, config, writer] = run;
  ASSERT_TRUE(writer);
  writer->append(event::Event{1, at, event::TimePassed{}});
  writer->append(event::Event{2, at, event::CashMoved{event::CashMove::deposit, Money{500'000'000}, "d"}});
  writer.reset();  // no end in order: what was not handed over is gone
  const auto left = left_over(folder);
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_EQ(left->losses.day_start, Money{1'500'000'000});
}

TEST(Carry, a_long_run_leaves_the_same_whether_its_facts_or_its_segments_are_read) {
  const TempFolder temp;
  const std::string folder = temp.path("run");
  const Time begin{1'772'323'200'000'000'000};
  CoreConfig config;
  config.engine.cash = Money{1'000'000'000};
  io::JournalOptions options;
  options.segment_bytes = 4'000;
  options.patient = true;  // a slow disk is waited for: segments fill one after the other
  options.buffer_bytes = 2'000;
  auto writer = start_run({folder, "live", 0, begin, {}}, config, options);
  ASSERT_TRUE(writer);
  std::uint64_t seq = 0;
  const auto say = [&](Time at, event::Payload what) { (*writer)->append(event::Event{++seq, at, std::move(what)}); };
  for (std::uint32_t i = 0; i < 40; ++i) {
    const Time at = begin + Duration{std::int64_t{i} * 3'600'000'000'000};
    for (int k = 0; k < 20; ++k) say(at, event::TimePassed{});
    say(at, event::FillSeen{
                {i + 1}, "t" + std::to_string(i), {i}, Side::bid, Price{5'000}, Qty{1'000}, Money{70'000}, false});
    say(at, event::Settled{{i}, i % 3 == 0 ? event::Outcome::yes : event::Outcome::no, {}});
  }
  ASSERT_TRUE((*writer)->close());
  const auto quick = left_over(folder);
  ASSERT_TRUE(quick) << quick.error().message;
  int removed = 0;
  for (std::uint32_t n = 1; std::filesystem::remove(folder + "/" + io::facts_name(n)); ++n) ++removed;
  EXPECT_GT(removed, 3);
  const auto slow = left_over(folder);
  ASSERT_TRUE(slow) << slow.error().message;
  EXPECT_EQ(quick->losses.day, slow->losses.day);
  EXPECT_EQ(quick->losses.day_start, slow->losses.day_start);
  EXPECT_EQ(quick->losses.highest, slow->losses.highest);
  EXPECT_NE(quick->losses.day_start, Money{1'000'000'000});
}

std::string journal_with(const TempFolder& temp, const std::vector<event::OperatorSaid>& said) {
  const std::string folder = temp.path("run");
  auto writer = start_run({folder, "live", 0, Time{1'772'323'200'000'000'000}, {}}, {}, {});
  EXPECT_TRUE(writer);
  std::uint64_t seq = 0;
  for (const auto& s : said) (*writer)->append(event::Event{++seq, Time{1'772'323'200'000'000'000}, s});
  EXPECT_TRUE((*writer)->close());
  return folder;
}

TEST(Carry, what_a_person_stopped_stays_stopped_until_a_person_resumes) {
  using event::OperatorAction;
  const event::OperatorSaid kill{OperatorAction::kill, "it smells"}, resume{OperatorAction::resume, ""};
  const event::OperatorSaid end{OperatorAction::kill, std::string{kEndOfSession} + "told to stop"};
  const TempFolder a, b, c;
  EXPECT_EQ(left_over(journal_with(a, {kill, end}))->halted, "it smells");
  EXPECT_EQ(left_over(journal_with(b, {kill, resume, end}))->halted, "");
  EXPECT_EQ(left_over(journal_with(c, {end}))->halted, "");
}

TEST(Carry, finds_the_newest_run_of_its_kind) {
  const TempFolder temp;
  EXPECT_FALSE(newest_left_over(temp.path(), "live")->has_value());
  for (const auto& [name, kind, start] :
       {std::tuple{"a", "live", 100}, std::tuple{"b", "live", 300}, std::tuple{"c", "paper", 400}}) {
    auto writer = start_run({runs_folder(temp.path()) + "/" + name, kind, 0, Time::from_ms(start), {}}, {}, {});
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->close());
  }
  const auto newest = newest_left_over(temp.path(), "live");
  ASSERT_TRUE(newest && *newest);
  EXPECT_TRUE((*newest)->run.ends_with("/b"));
}

}  // namespace
}  // namespace voltage::app::journal

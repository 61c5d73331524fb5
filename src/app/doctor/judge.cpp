#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/doctor/doctor.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/json_writer.hpp"
#include "market/pause.hpp"

namespace voltage::app::doctor {
namespace {

using namespace literals;

// A signature carries our time; the venue refuses one that is off by more than a few seconds. Date has no fractions.
constexpr Duration kClockYellow = 1_s, kClockRed = 3_s;
constexpr std::int64_t kDiskRed = 1'000'000'000,
                       kDiskYellow = 10'000'000'000;  // bytes; a day of journal is below one GB
constexpr Duration kModelSoon = 24_h;
constexpr Duration kPauseSoon = 60_min;
constexpr Duration kCalendarSoon = 336_h;
constexpr std::int64_t kCryptoShard = 2;  // where Kalshi keeps its crypto markets

class Findings {
 public:
  void green(const char* check, std::string what) { add(check, Colour::green, std::move(what), {}); }
  void yellow(const char* check, std::string what, std::string mend) {
    add(check, Colour::yellow, std::move(what), std::move(mend));
  }
  void red(const char* check, std::string what, std::string mend) {
    add(check, Colour::red, std::move(what), std::move(mend));
  }
  std::vector<Finding> take() { return std::move(all_); }

 private:
  void add(const char* check, Colour colour, std::string what, std::string mend) {
    all_.push_back({check, colour, std::move(what), std::move(mend)});
  }
  std::vector<Finding> all_;
};

std::string dollars(Money m) {
  return fmt::format("${:.2f}", m.dollars());
}

void judge_access(const Facts& f, Findings& out) {
  if (!f.key_error.empty())
    return out.red("key", f.key_error, "make an API key at Kalshi, keep its PEM file with mode 0600, name both");
  out.green("key", "the private key is readable by its owner alone");
  if (!f.account_error.empty())
    return out.red("account", f.account_error,
                   "401: check the key's id, its environment and the clock; else the network and the address");
  if (f.account) out.green("account", fmt::format("readable; tier {}", f.account->tier));
  if (!f.statement) return;
  const Money cash = f.statement->total_cash();
  const auto shard = f.statement->cash.find(kCryptoShard);
  if (f.live && cash.micros <= 0)
    out.red("cash", "the account holds no cash", "put money in, or use a virtual venue");
  else if (f.statement->cash.size() > 1 && (shard == f.statement->cash.end() || shard->second.micros == 0))
    out.yellow("cash", fmt::format("{} in all, none on exchange {}, where crypto trades", dollars(cash), kCryptoShard),
               "move money to that exchange");
  else
    out.green("cash", dollars(cash));
}

void judge_clock(const Facts& f, Findings& out) {
  if (!f.clock_ahead) {
    if (f.key_error.empty() && f.account_error.empty())
      out.yellow("clock", "the venue did not say its time", "compare by hand: timedatectl status");
    return;
  }
  const double off = f.clock_ahead->seconds();
  const auto what = fmt::format("ours is {:.1f} s {} the venue's", std::abs(off), off < 0 ? "behind" : "ahead of");
  if (std::abs(f.clock_ahead->ns) > kClockRed.ns)
    out.red("clock", what, "let chrony or systemd-timesyncd set the clock");
  else if (std::abs(f.clock_ahead->ns) > kClockYellow.ns)
    out.yellow("clock", what, "let chrony or systemd-timesyncd set the clock");
  else
    out.green("clock", what + ", within what a Date can tell");
}

void judge_disk(const Facts& f, const live::LiveConfig& c, Findings& out) {
  const DiskFacts& d = f.disk;
  if (!d.error.empty()) return out.red("disk", d.error, "name a folder that can be written: data = \"…\" or --data");
  const double gb = static_cast<double>(d.free_bytes) * 1e-9;
  if (!d.survives && f.live && !f.local)
    return out.red("disk", c.data + " is on " + d.filesystem + ": a reboot takes the journal away",
                   "name a folder on a disk");
  if (d.free_bytes < kDiskRed) return out.red("disk", fmt::format("{:.2f} GB free", gb), "make room");
  if (!d.survives || d.filesystem == "overlay")
    out.yellow("disk", c.data + " is on " + d.filesystem, "a reboot, or the container's end, takes the journal away");
  else if (d.free_bytes < kDiskYellow)
    out.yellow("disk", fmt::format("{:.1f} GB free", gb), "make room soon");
  else
    out.green("disk", fmt::format("{}, {:.0f} GB free", d.filesystem, gb));
  if (d.shared) out.yellow("privacy", c.data + " can be read by others", "chmod 700 " + c.data);
}

void judge_limits(const Facts& f, const live::LiveConfig& c, Findings& out) {
  const auto& l = c.core.engine.limits;
  if (f.live && !c.cap)
    return out.red("limits", "no cap is named", "--cap DOLLARS: the most that may be lost in a day");
  const Money least =
      min(min(min(l.contract_loss_max, l.instant_loss_max), l.path_loss_max), min(l.day_loss_max, l.drawdown_max));
  if (least.micros <= 0 || l.order_qty_max.centis <= 0 || l.orders_per_minute_max <= 0)
    return out.red("limits", "a limit is zero: nothing could ever be traded", "set it, or don't start");
  if (l.contract_loss_max > l.instant_loss_max || l.instant_loss_max > min(l.path_loss_max, l.day_loss_max))
    return out.yellow("limits",
                      "a contract may lose more than its instant, or an instant more than its expiry path or the day",
                      "the smaller one binds; say what is meant");
  out.green("limits", fmt::format("a contract {}, an instant {}, a path {}, a day {}, in all {}",
                                  dollars(l.contract_loss_max), dollars(l.instant_loss_max), dollars(l.path_loss_max),
                                  dollars(l.day_loss_max), dollars(l.drawdown_max)));
}

void judge_fees(const Facts& f, Findings& out) {
  for (const auto& [series, fees] : f.fees) {
    if (!fees) {
      out.red("fees", series + ": " + fees.error().message, "the schedule must be known before money is risked");
      continue;
    }
    const market::FeeTerms known{};
    if (fees->type == known.type && fees->multiplier_e6 == known.multiplier_e6)
      out.green("fees", series + ": 0.07 times price times its complement, as known");
    else
      out.red("fees",
              fmt::format("{}: the schedule is not the known one (kind {}, multiplier {:.6f})", series,
                          static_cast<int>(fees->type), static_cast<double>(fees->multiplier_e6) * 1e-6),
              "read the venue's announcement; a version that knows the schedule is needed");
  }
}

void judge_model(const Facts& f, Findings& out) {
  if (!f.model) return out.yellow("model", "none is named: the baseline forecasts", "model = \"…\" or --model");
  if (!f.model->error.empty()) return out.red("model", f.model->error, "voltage train, or name another bundle");
  const auto what =
      fmt::format("trained to {}, expires {}", format_iso(f.model->trained_to), format_iso(f.model->expires));
  if (f.now >= f.model->expires)
    out.red("model", what + ": it has expired", "voltage train on newer bars");
  else if (f.now + kModelSoon >= f.model->expires)
    out.yellow("model", what, "train a new one today");
  else
    out.green("model", what);
}

void judge_past(const Facts& f, bool resumed, Findings& out) {
  if (!f.before_error.empty() && !resumed)
    return out.red("the run before", f.before_error,
                   "what it lost today is not known; --resume counts the day from here");
  if (!f.before_error.empty())
    return out.yellow("the run before", f.before_error, "its losses of today are not counted in this one");
  if (!f.before) return;
  if (!f.before->halted.empty() && !resumed)
    return out.red("the run before", "it was stopped: " + f.before->halted, "look why; --resume lifts it");
  out.green("the run before", "its losses count: the day began with " + dollars(f.before->losses.day_start));
}

void judge_switches(const Facts& f, Findings& out) {
  if (!f.kill_switch.empty())
    out.red("kill switch", "pulled by " + f.kill_switch, "look why; voltage kill --clear --reason \"…\" takes it back");
  else if (f.live)
    out.green("kill switch", "not pulled");
  if (!f.assumptions.empty())
    out.red("assumptions", f.assumptions, "voltage probe settles them; --accept NAME takes one as it is");
}

void judge_page(const Facts& f, Findings& out) {
  if (!f.page) return;
  if (!f.page_error.empty()) return out.red("page", f.page_error, "name another file: --read-token FILE");
  if (f.page_guarded)
    out.green("page", "on loopback alone; reading needs the token");
  else
    out.yellow("page", "on loopback alone; whoever is on this machine can read positions and profit",
               "--read-token FILE where others use it");
}

void judge_published(const Facts& f, Findings& out) {
  if (!f.published) return;
  const auto& changes = *f.published;
  if (!changes)
    return out.yellow("formats", "what the venue publishes can't be compared: " + changes.error().message,
                      "look again; a change on the wire stops new risk all the same");
  if (changes->empty()) return out.green("formats", "the venue publishes what we read");
  const std::string more = changes->size() == 1 ? "" : fmt::format(", and {} more", changes->size() - 1);
  out.red("formats", "the venue publishes others than we read: " + changes->front() + more,
          "a newer version of this program; specs = \"none\" in [kalshi] does without the comparison");
}

void judge_pause(const Facts& f, Findings& out) {
  if (market::exchange_paused(f.now))
    return out.red("maintenance", "the exchange is in its weekly pause", "start after 5:00 in New York");
  for (Duration ahead = 5_min; ahead <= 192_h; ahead = ahead + 5_min) {
    if (!market::exchange_paused(f.now + ahead)) continue;
    const auto what = "the weekly pause begins in about " + format_duration(ahead);
    return ahead <= kPauseSoon ? out.yellow("maintenance", what, "positions that settle in it can't be traded out of")
                               : out.green("maintenance", what);
  }
}

void judge_calendar(const Facts& f, const live::LiveConfig& c, Findings& out) {
  Time last;
  for (const auto& span : c.core.engine.quiet) last = std::max(last, span.until);
  if (last < f.now + kCalendarSoon)
    return out.yellow("calendar", last.ns == 0 ? "no release is known" : "it ends with " + format_iso(last),
                      "calendar = \"FILE\" names the releases to come");
  out.green("calendar", "releases are known until " + format_iso(last));
}

}  // namespace

const char* name(Colour c) {
  return c == Colour::green ? "green" : c == Colour::yellow ? "yellow" : "red";
}

std::vector<Finding> judge(const Facts& facts, const live::LiveConfig& config, bool resumed) {
  Findings out;
  judge_access(facts, out);
  judge_clock(facts, out);
  judge_disk(facts, config, out);
  judge_limits(facts, config, out);
  judge_fees(facts, out);
  judge_model(facts, out);
  judge_past(facts, resumed, out);
  judge_switches(facts, out);
  judge_page(facts, out);
  judge_published(facts, out);
  judge_pause(facts, out);
  judge_calendar(facts, config, out);
  return out.take();
}

bool any_red(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.colour == Colour::red; });
}

std::string first_red(const std::vector<Finding>& findings) {
  for (const auto& f : findings) {
    if (f.colour == Colour::red) return f.check + ": " + f.what + "; " + f.mend;
  }
  return {};
}

std::string text(const std::vector<Finding>& findings) {
  std::string out;
  for (const auto& f : findings) {
    out += fmt::format("{:<7}{:<16}{}\n", name(f.colour), f.check, f.what);
    if (!f.mend.empty()) out += fmt::format("{:<23}{}\n", "", f.mend);
  }
  return out;
}

std::string json(const std::vector<Finding>& findings) {
  io::JsonWriter w;
  w.begin_object().boolean("ready", !any_red(findings)).begin_array("findings");
  for (const auto& f : findings) {
    w.begin_object().string("check", f.check).string("colour", name(f.colour)).string("what", f.what);
    w.string("mend", f.mend).end_object();
  }
  return w.end_array().end_object().take();
}

}  // namespace voltage::app::doctor

#include "venue/assumptions.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "io/atomic_file.hpp"
#include "io/json_writer.hpp"
#include "venue/fields.hpp"
#include "venue/net/safe_url.hpp"

namespace voltage::venue {
namespace {

constexpr std::array<const char*, 3> kEnvironments{"virtual", "demo", "production"};
constexpr std::array<const char*, 3> kVerdicts{"open", "holds", "wrong"};

constexpr std::array kRows{
    Assumption{"side-terms", "Does `bid` buy YES at the YES price, and is a position signed that way?", "yes",
               "every order goes the wrong way", "buy 1 contract, read the position", true, false},
    Assumption{"netting", "Does a YES bought while NO is held give the pair's dollar back at once?",
               "yes: one signed position", "cash is free later than thought",
               "buy 1 YES, then sell it as a NO; read position and balance", true, false},
    Assumption{"fee-terms", "Are the series' fees quadratic with multiplier 1, makers free?", "yes",
               "an edge is smaller than thought, or negative", "read the series", true, false},
    Assumption{"fee-precision", "Is the account's precision $0.0001 or $0.01?", "$0.0001: an own-account API user",
               "up to a cent more for each fill", "buy 1 contract, compare fee_cost with the rule", true, true},
    Assumption{"fee-rebate", "Is the rebate given when the accumulator equals one precision unit exactly?", "given",
               "one unit ($0.0001) for each such fill", "not for a dollar: it needs an order of several fills", true,
               false},
    Assumption{"duplicate-id", "Is a second order with the same client_order_id refused?", "with 409",
               "one intent could become two orders", "place the same order twice at one cent", true, false},
    Assumption{"listing-lag", "How soon does a list of orders show an order that was accepted?",
               "before two lists 10 s apart", "an order that rests is taken for one that never was",
               "place at one cent, list until it is there", true, false},
    Assumption{"amend-cross", "What does an amend do that makes a post-only order cross?",
               "it never takes: it is refused, or the order is gone",
               "a quote that is moved takes at the touch and pays the taker's fee",
               "amend the order at one cent to 60 cents, read it", true, false},
    Assumption{"clock-tolerance", "How far off may a signature's time be?", "2 s at least",
               "cancels are refused with 401 while the clock drifts", "sign with other times until refused", true,
               false},
    Assumption{"position-limit", "What happens to an order beyond the position limit?", "it is refused whole",
               "nothing is lost: a refusal is definite and our own limits are far below", "none for a dollar", false,
               false},
    Assumption{"cancel-all-minute", "Do orders placed in the minute after cancel-all always die?",
               "they may: none is placed", "fewer trades", "none needed", false, false},
    Assumption{"subscription-size", "How many markets may one subscription have?", "256",
               "a subscription is refused, its books stay invalid and are not traded", "none needed", false, false},
    Assumption{"kraken-rate", "What is Kraken's public rate limit?", "one request in 1.1 s",
               "answers are refused, the backfill waits and asks again", "none needed", false, false},
};

template <std::size_t N>
std::optional<std::size_t> place_of(const std::array<const char*, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (text == names[i]) return i;
  }
  return std::nullopt;
}

}  // namespace

const char* name(Environment environment) {
  return kEnvironments.at(static_cast<std::size_t>(environment));
}

const char* name(Verdict verdict) {
  return kVerdicts.at(static_cast<std::size_t>(verdict));
}

Environment environment_of(std::string_view kalshi_rest) {
  const auto url = net::Url::parse(kalshi_rest);
  if (!url) return Environment::production;
  if (net::on_this_machine(*url)) return Environment::simulated;
  const std::string& host = url->host;
  if (host == "external-api.demo.kalshi.co" || host == "demo-api.kalshi.co") return Environment::demo;
  return Environment::production;
}

std::span<const Assumption> assumptions() {
  return kRows;
}

std::string findings_file(const std::string& data) {
  return data + "/assumptions.json";
}

Result<std::vector<Finding>> read_findings(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::vector<Finding>{};
  const auto text = io::read_file(path);
  if (!text) return tl::unexpected(text.error());
  JsonDocument document;
  const auto root = document.parse(*text);
  if (!root) return fail(path + ": " + root.error().message);
  Flaws flaws;
  std::vector<Finding> all;
  {
    Fields f{*root, "findings", flaws};
    if (const auto list = f.maybe_child("findings", JsonType::array)) {
      for (const JsonValue entry : *list) {
        Fields one{entry, fmt::format("findings[{}]", all.size()), flaws};
        const auto where = place_of(kEnvironments, one.text("environment"));
        const auto verdict = place_of(kVerdicts, one.text("verdict"));
        if (!where) one.refuse("environment", "is none of virtual, demo, production");
        if (!verdict) one.refuse("verdict", "is none of open, holds, wrong");
        all.push_back({std::string{one.text("id")}, static_cast<Environment>(where.value_or(0)),
                       static_cast<Verdict>(verdict.value_or(0)), std::string{one.text_or("seen")}});
      }
    } else {
      flaws.refuse("findings: is missing");
    }
  }
  if (!flaws.error.empty()) return fail(path + ": " + flaws.error + "; delete the file and probe again");
  return all;
}

Status write_findings(const std::string& path, const std::vector<Finding>& findings) {
  io::JsonWriter w;
  w.begin_object().begin_array("findings");
  for (const auto& f : findings) {
    w.begin_object().string("id", f.id).string("environment", name(f.where)).string("verdict", name(f.verdict));
    w.string("seen", f.seen).end_object();
  }
  std::error_code error;
  const auto folder = std::filesystem::path{path}.parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  return io::write_file(path, w.end_array().end_object().take() + "\n");
}

void merge(std::vector<Finding>& into, const std::vector<Finding>& newer) {
  for (const auto& f : newer) {
    const auto same =
        std::find_if(into.begin(), into.end(), [&](const Finding& o) { return o.id == f.id && o.where == f.where; });
    // A probe that could not tell this time does not take back what an earlier one saw.
    if (same == into.end()) {
      into.push_back(f);
    } else if (f.verdict != Verdict::open) {
      *same = f;
    }
  }
}

Verdict verdict_for_production(const Assumption& row, std::span<const Finding> findings) {
  auto known = Verdict::open;
  for (const auto& f : findings) {
    if (f.id != row.id || f.verdict == Verdict::open) continue;
    if (f.where == Environment::production) return f.verdict;
    if (f.where == Environment::demo && !row.account) known = f.verdict;
  }
  return known;
}

Status may_risk_money(Environment environment, std::span<const Finding> findings,
                      std::span<const std::string> accepted) {
  if (environment != Environment::production) return {};
  std::string wrong, open;
  for (const auto& row : assumptions()) {
    if (!row.money) continue;
    const auto verdict = verdict_for_production(row, findings);
    const bool by_name = std::find(accepted.begin(), accepted.end(), row.id) != accepted.end();
    if (verdict == Verdict::holds || (verdict == Verdict::open && by_name)) continue;
    std::string& list = verdict == Verdict::wrong ? wrong : open;
    list += (list.empty() ? "" : ", ") + std::string{row.id};
  }
  if (!wrong.empty())
    return fail("what is assumed of the venue is wrong: " + wrong + "; see `voltage probe --list` and don't trade");
  if (!open.empty())
    return fail("assumptions that touch money are not proved: " + open +
                "; run `voltage probe --max-usd 1`, or accept each by its name");
  return {};
}

}  // namespace voltage::venue

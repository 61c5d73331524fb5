#include "event/codec.hpp"

#include <array>
#include <utility>

#include "event/fields.hpp"

namespace voltage::event {
namespace {

constexpr std::array<const char*, std::variant_size_v<Payload>> kPayloads{
    "ContractSeen", "BookSnapshot", "BookDelta",    "BookLost",      "TradeSeen",      "TickerSeen",    "IndexSeen",
    "SpotSeen",     "CandleClosed", "StreamHealth", "ForecastReady", "ForecastFailed", "OrderAccepted", "OrderRefused",
    "OrderUnknown", "OrderUpdated", "FillSeen",     "CancelDone",    "CancelRefused",  "Settled",       "TimePassed",
    "OperatorSaid", "AmendDone",    "AmendRefused", "CashMoved",     "CashPlaced"};
constexpr std::array<const char*, std::variant_size_v<Effect>> kEffects{"PlaceOrder", "CancelOrder", "RequestForecast",
                                                                        "Quote",      "Decision",    "CashChange",
                                                                        "DriftAlarm", "AmendOrder",  "KillOrders"};
static_assert(kPayloads.back() != nullptr && kEffects.back() != nullptr, "a kind without a name");
// Journals on disk hold these places. Append to the lists, or raise kCodecVersion.
static_assert(std::is_same_v<std::variant_alternative_t<0, Payload>, ContractSeen>);
static_assert(std::is_same_v<std::variant_alternative_t<9, Payload>, StreamHealth>);
static_assert(std::is_same_v<std::variant_alternative_t<16, Payload>, FillSeen>);
static_assert(std::is_same_v<std::variant_alternative_t<21, Payload>, OperatorSaid>);
static_assert(std::is_same_v<std::variant_alternative_t<24, Payload>, CashMoved>);
static_assert(std::is_same_v<std::variant_alternative_t<25, Payload>, CashPlaced>);
static_assert(std::is_same_v<std::variant_alternative_t<0, Effect>, PlaceOrder>);
static_assert(std::is_same_v<std::variant_alternative_t<5, Effect>, CashChange>);
static_assert(std::is_same_v<std::variant_alternative_t<6, Effect>, DriftAlarm>);
static_assert(std::is_same_v<std::variant_alternative_t<8, Effect>, KillOrders>);

template <class T>
constexpr bool kFact = std::is_same_v<T, FillSeen> || std::is_same_v<T, Settled> || std::is_same_v<T, CashMoved> ||
                       std::is_same_v<T, OperatorSaid>;
template <std::size_t... I>
constexpr auto facts_of(std::index_sequence<I...>) {
  return std::array<bool, sizeof...(I)>{kFact<std::variant_alternative_t<I, Payload>>...};
}
constexpr auto kFacts = facts_of(std::make_index_sequence<std::variant_size_v<Payload>>{});

// What only the executor makes: it holds its terms.
template <class T>
constexpr bool kApprovedOnly = std::is_same_v<T, PlaceOrder> || std::is_same_v<T, AmendOrder>;

void put_head(std::size_t kind, std::string& out) {
  out.push_back(static_cast<char>(kCodecVersion));
  out.push_back(static_cast<char>(kind));
}

// The kind, or why these bytes can't be read.
Result<std::size_t> take_head(std::string_view bytes, std::size_t kinds, const char* what) {
  if (bytes.size() < 2) return fail(std::string{what} + ": ends before its kind");
  const auto version = static_cast<std::uint8_t>(bytes[0]), kind = static_cast<std::uint8_t>(bytes[1]);
  if (version != kCodecVersion) {
    return fail(std::string{what} + ": version " + std::to_string(version) + ", this program reads " +
                std::to_string(kCodecVersion));
  }
  if (kind >= kinds) return fail(std::string{what} + ": kind " + std::to_string(kind) + " is unknown here");
  return kind;
}

template <std::size_t I>
Payload read_payload(ByteReader& reader) {
  std::variant_alternative_t<I, Payload> m{};
  reader(m);
  return m;
}

}  // namespace

void encode(const Payload& what, std::string& out) {
  put_head(what.index(), out);
  ByteWriter writer{out};
  std::visit([&](const auto& m) { writer(m); }, what);
}

Result<Payload> decode_payload(std::string_view bytes) {
  const auto kind = take_head(bytes, kPayloads.size(), "event");
  if (!kind) return tl::unexpected(kind.error());
  ByteReader reader{bytes.substr(2)};
  Payload what;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    static_cast<void>(((I == *kind && (what = read_payload<I>(reader), true)) || ...));
  }(std::make_index_sequence<kPayloads.size()>{});
  reader.finish();
  if (!reader.ok()) return fail(std::string{kPayloads[*kind]} + ": " + reader.wrong());
  return what;
}

const char* name(const Payload& what) {
  return kPayloads[what.index()];
}

bool is_fact(const Payload& what) {
  return kFacts[what.index()];
}

bool is_fact(std::string_view encoded) {
  if (encoded.size() < 2) return true;
  const auto kind = static_cast<std::uint8_t>(encoded[1]);
  return kind < kFacts.size() && kFacts[kind];
}

void EffectCodec::encode(const Effect& fx, std::string& out) {
  put_head(fx.index(), out);
  ByteWriter writer{out};
  std::visit(
      [&]<class T>(const T& m) {
        if constexpr (kApprovedOnly<T>)
          writer(m.terms());
        else
          writer(m);
      },
      fx);
}

template <std::size_t I>
Effect EffectCodec::read(ByteReader& reader) {
  using T = std::variant_alternative_t<I, Effect>;
  if constexpr (kApprovedOnly<T>) {
    std::remove_cvref_t<decltype(std::declval<T>().terms())> terms;
    reader(terms);
    return T{terms};
  } else {
    T m{};
    reader(m);
    return m;
  }
}

Result<Effect> EffectCodec::decode(std::string_view bytes) {
  const auto kind = take_head(bytes, kEffects.size(), "effect");
  if (!kind) return tl::unexpected(kind.error());
  ByteReader reader{bytes.substr(2)};
  Effect fx = CancelOrder{};
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    static_cast<void>(((I == *kind && (fx = read<I>(reader), true)) || ...));
  }(std::make_index_sequence<kEffects.size()>{});
  reader.finish();
  if (!reader.ok()) return fail(std::string{kEffects[*kind]} + ": " + reader.wrong());
  return fx;
}

const char* name(const Effect& fx) {
  return kEffects[fx.index()];
}

}  // namespace voltage::event

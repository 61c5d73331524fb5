#pragma once
// The optional fields that each venue has always sent, in every recording at hand: so that one that is gone is
// missed from the first message on, not only after a habit has formed.
#include "venue/schema_watch.hpp"

namespace voltage::venue {

void expect_kalshi_fields(SchemaWatch& watch);
void expect_kraken_fields(SchemaWatch& watch);

}  // namespace voltage::venue

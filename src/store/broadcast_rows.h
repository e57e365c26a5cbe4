// The rows of broadcasts and their destinations, to and from records. For BroadcastRepository alone.
#pragma once

#include "store/query.h"
#include "store/records.h"
#include "store/vault.h"

namespace store {

// Ends before its WHERE.
Query select_broadcasts(Connection& db);
Broadcast broadcast_from(const Vault& vault, const Row& row);
void insert_broadcast(Connection& db, const Vault& vault, const Broadcast& broadcast);
void update_broadcast(Connection& db, const Vault& vault, const Broadcast& broadcast);

// In the order they joined.
void fill_destinations(Connection& db, std::vector<Broadcast>& broadcasts);
std::optional<BroadcastDestination> find_destination(Connection& db, const std::string& broadcast_id,
                                                     const std::string& destination_id);
void insert_destination(Connection& db, const std::string& broadcast_id,
                        const BroadcastDestination& destination, std::int64_t position);
void update_destination_row(Connection& db, const std::string& broadcast_id,
                            const BroadcastDestination& destination);

}  // namespace store

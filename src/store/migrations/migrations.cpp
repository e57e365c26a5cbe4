#include "store/migrations/migrations.h"

namespace store::migrations {

std::span<const Migration> all() {
    static const Migration steps[] = {accounts, channels,     livestreams, broadcasts,
                                      assets,   object_store, visibility};
    return steps;
}

}  // namespace store::migrations

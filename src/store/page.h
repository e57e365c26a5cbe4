// What every query takes: whose things it may see, and which page of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace store {

// Whose rows a query may touch. It has no default, so nobody forgets to say.
class Scope {
  public:
    static Scope of(std::string owner_id) { return Scope(std::move(owner_id)); }
    // Every owner's: for admins, the public pages and the server itself.
    static Scope all() { return Scope(std::nullopt); }

    const std::optional<std::string>& owner_id() const { return owner_id_; }

  private:
    explicit Scope(std::optional<std::string> owner_id) : owner_id_(std::move(owner_id)) {}

    std::optional<std::string> owner_id_;
};

inline constexpr int default_page_size = 50;
inline constexpr int max_page_size = 500;

struct PageRequest {
    int limit = default_page_size;  // brought within 1 … max_page_size
    std::string cursor;             // a Page's next_cursor; empty: from the start
};

template <class Record>
struct Page {
    std::vector<Record> items;
    std::string next_cursor;  // opaque; empty: this was the last page
};

}  // namespace store

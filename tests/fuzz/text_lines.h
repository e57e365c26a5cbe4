// Text inputs as lines, for targets whose input is several texts: so that seeds can be read and dictionaries
// help.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace fuzz {

class Lines {
  public:
    explicit Lines(base::ByteView bytes) : rest_(base::as_text(bytes)) {}

    bool at_end() const { return rest_.empty(); }
    // Up to the next line feed, or the end.
    std::string_view next() {
        const std::size_t end = rest_.find('\n');
        const std::string_view line = rest_.substr(0, end);
        rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
        return line;
    }
    std::string_view rest() const { return rest_; }

  private:
    std::string_view rest_;
};

}  // namespace fuzz

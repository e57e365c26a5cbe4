// The terminal as a canvas that is painted over and over; plain lines one after the other when it is none.
// One thread. Restores the terminal when it goes.
#pragma once

#include <cstddef>
#include <string_view>

namespace app::top {

class Screen {
  public:
    // Looks at standard output.
    Screen();
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    bool live() const { return live_; }
    // Columns; 0 when it is no terminal.
    std::size_t width() const;
    // Replaces what was painted before; on a plain output it is appended.
    void paint(std::string_view text);

  private:
    bool live_;
};

}  // namespace app::top

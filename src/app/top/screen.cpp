#include "app/top/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace app::top {
namespace {

// Alternate screen without a cursor, and back.
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave = "\x1b[?25h\x1b[?1049l";

void write_out(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

bool is_capable_terminal() {
    const char* kind = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): main thread
    return ::isatty(STDOUT_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

}  // namespace

Screen::Screen() : live_(is_capable_terminal()) {
    if (live_) write_out(enter);
}

Screen::~Screen() {
    if (live_) write_out(leave);
}

std::size_t Screen::width() const {
    winsize size{};
    if (!live_ || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    // One less: clearing to the end of a full line would take its last character with it.
    return size.ws_col > 1 ? size.ws_col - 1 : 0;
}

void Screen::paint(std::string_view text) {
    if (!live_) return write_out(text);
    // Home, each line cleared to its end, then everything below: without a flicker.
    std::string painted = "\x1b[H";
    for (const char c : text) {
        if (c == '\n') painted += "\x1b[K\r";
        painted += c;
    }
    painted += "\x1b[J";
    write_out(painted);
}

}  // namespace app::top

#include "app/password_prompt.h"

#include <openssl/crypto.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace app {
namespace {

constexpr std::size_t max_password = 1024;

// Echo off for as long as it lives.
class Silence {
  public:
    Silence() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        active_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~Silence() {
        if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

  private:
    termios before_{};
    bool active_ = false;
};

base::Result<base::Secret> read_line() {
    std::string line;
    std::getline(std::cin, line);
    if (line.ends_with('\r')) line.pop_back();
    base::Secret secret(line);
    OPENSSL_cleanse(line.data(), line.size());
    if (secret.empty() || secret.size() > max_password)
        return base::fail(base::ErrorCode::invalid_argument, "no password was given");
    return secret;
}

base::Result<base::Secret> prompt_for(const std::string& prompt) {
    std::fputs(prompt.c_str(), stderr);
    const Silence silence;
    return read_line();
}

}  // namespace

base::Result<base::Secret> ask_password(const std::string& prompt, bool twice) {
    if (::isatty(STDIN_FILENO) == 0) return read_line();
    auto first = prompt_for(prompt + ": ");
    if (!first || !twice) return first;
    auto second = prompt_for("Once more: ");
    if (!second) return second;
    if (!(*first == *second))
        return base::fail(base::ErrorCode::invalid_argument, "the two passwords differ");
    return first;
}

}  // namespace app

// Secret: text that must not be seen (stream keys, passwords, tokens). It has no operator<< and no formatter,
// is wiped when it goes, and gives its text only to a caller that writes reveal().
#pragma once

#include <string>
#include <string_view>

namespace base {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept;
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret() { wipe(); }

    // The text itself: for the wire and for cryptography, never for logs, errors or URLs.
    const std::string& reveal() const { return text_; }
    bool empty() const { return text_.empty(); }
    std::size_t size() const { return text_.size(); }

    // "••••••••1a2b": eight dots and the last four characters; dots alone when the secret has fewer than
    // twelve.
    std::string masked() const;

    // Takes the same time wherever the two differ.
    friend bool operator==(const Secret& a, const Secret& b);

  private:
    void wipe() noexcept;

    std::string text_;
};

}  // namespace base

#include "platform/key_shapes.h"

#include <algorithm>

namespace platform::key_shape {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
    return is_digit(c) || is_letter(c);
}

// Takes a key from its front, one part after another.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    bool literal(std::string_view part) {
        if (!text_.starts_with(part)) return false;
        text_.remove_prefix(part.size());
        return true;
    }
    // At least `least` characters of a kind, as many as there are.
    template <class Kind>
    bool run(Kind kind, std::size_t least) {
        const auto end = std::find_if_not(text_.begin(), text_.end(), kind);
        const auto count = static_cast<std::size_t>(end - text_.begin());
        if (count < least) return false;
        text_.remove_prefix(count);
        return true;
    }
    std::string_view rest() const { return text_; }
    bool at_end() const { return text_.empty(); }

  private:
    std::string_view text_;
};

// "FB-123-0-Abc", "IG-123-0-Abc".
bool meta_key(std::string_view key, std::string_view prefix) {
    Cursor cursor(key);
    return cursor.literal(prefix) && cursor.run(is_digit, 5) && cursor.literal("-") &&
           cursor.run(is_digit, 1) && cursor.literal("-") &&
           cursor.run([](char c) { return is_word(c) || c == '-' || c == '_'; }, 4) && cursor.at_end();
}

// "123?s_bl=1&…&a=Abc": a video's number and a signed query.
bool meta_number_key(std::string_view key) {
    Cursor cursor(key);
    return cursor.run(is_digit, 5) && cursor.literal("?") &&
           cursor.rest().find('=') != std::string_view::npos && opaque(cursor.rest());
}

}  // namespace

bool youtube(std::string_view key) {
    Cursor cursor(key);
    int groups = 0;
    do {
        const std::size_t before = cursor.rest().size();
        if (!cursor.run(is_word, 4) || before - cursor.rest().size() != 4) return false;
        ++groups;
    } while (cursor.literal("-"));
    return cursor.at_end() && (groups == 4 || groups == 5);
}

bool twitch(std::string_view key) {
    Cursor cursor(key);
    return cursor.literal("live_") && cursor.run(is_digit, 1) && cursor.literal("_") &&
           cursor.run(is_word, 10) && (cursor.at_end() || cursor.rest().starts_with("?")) && opaque(key);
}

bool facebook(std::string_view key) {
    return meta_key(key, "FB-") || meta_number_key(key);
}

bool instagram(std::string_view key) {
    return meta_key(key, "IG-") || meta_number_key(key);
}

bool kick(std::string_view key) {
    Cursor cursor(key);
    return cursor.literal("sk_") && cursor.run([](char c) { return is_word(c) || c == '-'; }, 3) &&
           cursor.literal("_") && cursor.run([](char c) { return is_word(c) || c == '_'; }, 8) &&
           cursor.at_end();
}

bool tiktok(std::string_view key) {
    Cursor cursor(key);
    return cursor.literal("stream-") && cursor.run(is_digit, 5) &&
           cursor.rest().find('?') != std::string_view::npos &&
           cursor.rest().find("sign=") != std::string_view::npos && opaque(key);
}

bool cloudflare(std::string_view key) {
    Cursor cursor(key);
    return cursor.run(is_word, 32) && cursor.at_end();
}

bool opaque(std::string_view key) {
    return std::none_of(key.begin(), key.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; });
}

}  // namespace platform::key_shape

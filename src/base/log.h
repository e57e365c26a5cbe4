// Structured log: a message that is always the same for the same event, and fields that say which. Written as
// text or as JSON lines by spdlog. Safe to call from any thread. Secrets cannot be logged: Field takes no
// Secret.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace base {

struct Field {
    std::string key;
    std::string value;
    bool quoted = true;

    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(v) {}
    Field(std::string_view k, const std::string& v) : key(k), value(v) {}
    template <class Number>
    requires std::is_arithmetic_v<Number> Field(std::string_view k, Number v)
        : key(k), value(std::to_string(v)), quoted(false) {
        if constexpr (std::is_same_v<Number, bool>) value = v ? "true" : "false";
    }
};

enum class LogLevel { trace, debug, info, warn, error };
enum class LogFormat { text, json };

struct LogSettings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    // Empty: standard error.
    std::string file = {};
};

// A cheap handle on one shared sink; child loggers carry more fields.
class Logger {
  public:
    // Drops everything: for tests that do not look.
    Logger() = default;
    explicit Logger(const LogSettings& settings);
    // Gives each line, of any level, to `lines` instead: for tests that look.
    explicit Logger(std::function<void(std::string_view)> lines);

    Logger with(std::initializer_list<Field> fields) const;

    void debug(std::string_view message, std::initializer_list<Field> fields = {}) const;
    void info(std::string_view message, std::initializer_list<Field> fields = {}) const;
    void warn(std::string_view message, std::initializer_list<Field> fields = {}) const;
    void error(std::string_view message, std::initializer_list<Field> fields = {}) const;
    void flush() const;

  private:
    struct Sink;
    void write(LogLevel level, std::string_view message, std::initializer_list<Field> fields) const;

    std::shared_ptr<Sink> sink_;
    std::string bound_;  // fields already rendered in the sink's format
};

}  // namespace base

#pragma once

#include <string_view>

namespace adieu::sip {

// Whether a User-Agent names a program that is only used to search networks for SIP servers to abuse. Pure.
bool IsScanner(std::string_view user_agent);

}  // namespace adieu::sip

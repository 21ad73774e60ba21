#include "server/sip/journal_inbox.h"

#include <new>
#include <utility>

namespace adieu::sip {

void JournalInbox::Post(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (root_ == nullptr) return;
  answers_.push_back(std::move(answer));
  if (woken_) return;
  su_msg_r message = SU_MSG_R_INIT;
  if (su_msg_new(message, sizeof(std::shared_ptr<JournalInbox>)) != 0) return;
  new (su_msg_data(message)) std::shared_ptr<JournalInbox>(shared_from_this());
  su_msg_deinitializer(message, [](su_msg_arg_t* data) {
    reinterpret_cast<std::shared_ptr<JournalInbox>*>(data)->~shared_ptr();
  });
  woken_ = su_msg_send_to(message, su_root_task(root_), &JournalInbox::OnWake) == 0;
}

void JournalInbox::Close() {
  const std::lock_guard lock(mutex_);
  root_ = nullptr;
  take_ = nullptr;
}

void JournalInbox::OnWake(su_root_magic_t*, su_msg_r, su_msg_arg_t* data) {
  const std::shared_ptr<JournalInbox> inbox = *reinterpret_cast<std::shared_ptr<JournalInbox>*>(data);
  std::vector<Answer> answers;
  {
    const std::lock_guard lock(inbox->mutex_);
    answers.swap(inbox->answers_);
    inbox->woken_ = false;
  }
  for (const Answer& answer : answers) {
    if (!inbox->take_) return;
    inbox->take_(answer);
  }
}

}  // namespace adieu::sip

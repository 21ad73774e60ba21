// A phone of a few lines: one INVITE over UDP, and the ACK of its final response.
import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';

const DEADLINE = 20_000;
const RETRANSMIT = 500; // T1 (RFC 3261 17.1.1.1)

export class Phone {
  #socket;
  #at;
  #contact;
  #branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
  #tag = randomBytes(4).toString('hex');
  #received = [];
  #wake = () => {};
  callId = `${randomBytes(12).toString('hex')}@client.example`;

  static async open(server) {
    const phone = new Phone();
    const colon = server.lastIndexOf(':');
    const host = server.slice(0, colon).replace(/[[\]]/g, '');
    const v6 = host.includes(':');
    phone.#at = server;
    phone.#socket = dgram.createSocket(v6 ? 'udp6' : 'udp4');
    phone.#socket.on('message', (message) => {
      phone.#received.push(parse(message.toString()));
      phone.#wake();
    });
    phone.#socket.connect(Number(server.slice(colon + 1)), host);
    await once(phone.#socket, 'connect');
    const { address, port } = phone.#socket.address();
    phone.#contact = `${v6 ? `[${address}]` : address}:${port}`;
    return phone;
  }

  close() {
    this.#socket.close();
  }

  // Calls and returns when it rings.
  async invite() {
    const invite = this.#request('INVITE', `<sip:desk@${this.#at}>`);
    this.#socket.send(invite);
    const again = setInterval(() => this.#socket.send(invite), RETRANSMIT);
    let response = await this.#receive();
    clearInterval(again);
    while (response.status < 180) response = await this.#receive();
    if (response.status !== 180) throw new Error(`not ringing: ${response.status} ${response.phrase}`);
  }

  // Waits for the final response, acknowledges it, and returns its status, phrase and headers.
  async final() {
    let response = await this.#receive();
    while (response.status < 200) response = await this.#receive();
    this.#socket.send(this.#request('ACK', response.headers.to));
    return response;
  }

  #request(method, to) {
    return [
      `${method} sip:desk@${this.#at} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.#contact};branch=${this.#branch};rport`,
      'Max-Forwards: 70',
      `From: <sip:node@client.example>;tag=${this.#tag}`,
      `To: ${to}`,
      `Call-ID: ${this.callId}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:node@${this.#contact}>`,
      'User-Agent: client-test',
      'Content-Length: 0', '', ''].join('\r\n');
  }

  async #receive() {
    if (this.#received.length === 0) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no SIP message in time')), DEADLINE);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#received.shift();
  }
}

function parse(message) {
  const lines = message.slice(0, message.indexOf('\r\n\r\n')).split('\r\n');
  const [, status, phrase] = /^SIP\/2\.0 (\d{3}) (.*)$/.exec(lines[0]);
  const headers = Object.fromEntries(lines.slice(1).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  }));
  return { status: Number(status), phrase, headers };
}

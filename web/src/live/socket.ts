import { io, type Socket } from "socket.io-client";
import type { Message } from "@/api/types.ts";
import type { Listener, Transport } from "./contract.ts";

const ACK_TIMEOUT = 5000;

interface Refusal {
  error: { message: string };
}

/** Socket.IO by WebSocket alone: where that fails, the pages poll the plain resource. */
export class SocketTransport implements Transport {
  private socket: Socket | null = null;

  open(listener: Listener): void {
    const socket = io({
      transports: ["websocket"],
      timeout: 4000,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5000,
    });
    socket.on("connect", () => listener.connected());
    socket.on("disconnect", () => listener.disconnected());
    socket.on("connect_error", () => listener.disconnected());
    socket.on("update", (message: Message) => listener.update(message));
    this.socket = socket;
  }

  close(): void {
    this.socket?.close();
    this.socket = null;
  }

  async subscribe(channel: string): Promise<Message> {
    if (!this.socket) throw new Error("not connected");
    const answer: Message | Refusal = await this.socket
      .timeout(ACK_TIMEOUT)
      .emitWithAck("subscribe", { channel });
    if ("error" in answer) throw new Error(answer.error.message);
    return answer;
  }

  unsubscribe(channel: string): void {
    this.socket?.emit("unsubscribe", { channel });
  }
}

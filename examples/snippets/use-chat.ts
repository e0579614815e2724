import { DefaultChatTransport, type UIMessage } from 'ai'

// In a component: useChat({ id: randomId, resume: true, transport: watching('http://localhost:4319') })
export const watching = (bridgeUrl: string): DefaultChatTransport<UIMessage> =>
  new DefaultChatTransport({
    prepareReconnectToStreamRequest: ({ id }) => ({
      api: `${bridgeUrl}/api/agents/${id}/stream?format=ai-sdk`,
    }),
  })

import { createClient, watchRun } from '@spancast/sdk/client'

const store = watchRun(createClient({ baseUrl: 'http://127.0.0.1:4319' }), 'run-0001')
const stop = store.subscribe(() => {
  const { run, connection, spans, openIds, usage } = store.getSnapshot()
  const now = spans.get(openIds.at(-1) ?? '')
  console.log(connection.state, run.status, now?.kind, now?.name, usage.cost)
  if (connection.state === 'closed' || connection.state === 'failed') stop()
})

// fhir-kit-client finds the issuer, reads a patient's bills to the last page and back, and is refused.
import { Client } from 'fhir-kit-client';

const { baseUrl, token, count, others } = JSON.parse(process.argv[2]);
const client = new Client({ baseUrl, bearerToken: token });
const resources = (bundle) => (bundle.entry ?? []).map((entry) => entry.resource);
const numbers = (bundle) => resources(bundle).map((bill) => bill.identifier[0].value);
const refusal = (asked) => asked.then(
  () => 'none',
  ({ response: { status, data } }) => ({ status, type: data.resourceType, code: data.issue[0].code }),
);

const [patient] = resources(await client.search({ resourceType: 'Patient' }));
const searchParams = { patient: patient.id, _count: count, _sort: 'date' };

const pages = [];
let last;
for (let page = await client.search({ resourceType: 'Invoice', searchParams }); page; page = await client.nextPage({ bundle: page })) {
  pages.push({ total: page.total, numbers: numbers(page) });
  last = page;
}
const posted = await client.search({ resourceType: 'Invoice', searchParams, options: { postSearch: true } });
const [bill] = resources(posted);

console.log(JSON.stringify({
  smart: await client.smartAuthMetadata(),
  fhirVersion: (await client.capabilityStatement()).fhirVersion,
  pages,
  previous: numbers(await client.prevPage({ bundle: last })),
  posted: numbers(posted),
  second: numbers(await client.nextPage({ bundle: posted })),
  read: (await client.read({ resourceType: 'Invoice', id: bill.id })).id === bill.id,
  subject: (await client.resolve({ reference: bill.subject.reference, context: bill })).id === patient.id,
  refused: {
    token: await refusal(new Client({ baseUrl, bearerToken: 'garbage' }).search({ resourceType: 'Invoice' })),
    others: await refusal(client.read({ resourceType: 'Patient', id: others })),
    write: await refusal(client.create({ resourceType: 'Invoice', body: { resourceType: 'Invoice' } })),
    value: await refusal(client.search({ resourceType: 'Invoice', searchParams: { date: 'soon' } })),
    history: await refusal(client.history({ resourceType: 'Invoice', id: bill.id })),
  },
}));
